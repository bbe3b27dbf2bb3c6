"""The printed schemas accept every file that ships and refuse what the reader refuses."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft7Validator

from lrac_audit import CodecDesign, InputError
from lrac_audit.cli.schema import schema_text
from lrac_audit.design.native import read_design, write_design
from lrac_audit.limits.limit_set import parse_limits
from lrac_audit.presets import PRESETS
from tests.conftest import ROOT, Result
from tests.documents.blocks import blocks
from tests.documents.layer_examples import design_around, layer_examples, whole_designs
from tests.random_designs import designs
from tests.random_lists import list_designs

KINDS = {"lrac_audit_design": "design", "lrac_training": "training", "convention": "limits"}
"""A key that only files of one format have, to the name of its schema."""


def validator(name: str) -> Draft7Validator:
    schema = json.loads(schema_text(name))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


LAYER_EXAMPLES = layer_examples()
NAMES = (*KINDS.values(), "project")
VALIDATORS = {name: validator(name) for name in NAMES}


def tree_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def shipped() -> dict[Path, str]:
    """Every YAML file of the packages that has a schema, with its name."""
    found = {}
    for package in ("lrac_audit", "reference_models"):
        for path in sorted((ROOT / package).rglob("*.yaml")):
            tree = tree_of(path)
            for key, name in KINDS.items():
                if isinstance(tree, dict) and key in tree:
                    found[path] = name
    return found


def test_every_format_ships_several_files() -> None:
    names = list(shipped().values())
    assert {name: names.count(name) for name in KINDS.values()} == {
        "design": len(PRESETS) + 1,  # and that of a configuration for a quick training
        "limits": 3,
        "training": 4,
    }


def mistakes(name: str, tree: Any) -> list[str]:
    """What the schema of one format says against ``tree``."""
    return [error.message for error in VALIDATORS[name].iter_errors(tree)]


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_what_ships_is_valid(path: Path) -> None:
    assert mistakes(shipped()[path], tree_of(path)) == []


@settings(max_examples=50)
@given(designs() | list_designs())
def test_every_design_that_is_written_is_valid(design: CodecDesign) -> None:
    assert mistakes("design", yaml.safe_load(write_design(design))) == []


@pytest.mark.parametrize("text", whole_designs())
def test_the_designs_of_the_page_are_valid(text: str) -> None:
    assert mistakes("design", yaml.safe_load(text)) == []


@pytest.mark.parametrize("name", LAYER_EXAMPLES)
def test_the_layers_of_the_page_are_valid(name: str) -> None:
    assert mistakes("design", design_around(LAYER_EXAMPLES[name])) == []


def test_messages_are_those_of_the_page(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = whole_designs()[0].replace("stride: 12", "strid: 12", 1)
    Path("my_codec.yaml").write_text(text, encoding="utf-8")
    (messages,) = blocks("design-format.md", "text")
    assert run("audit", "my_codec.yaml").err == messages.text


TRACK1 = tree_of(ROOT / "lrac_audit/presets/track1.yaml")
LIMITS = tree_of(ROOT / "lrac_audit/limits/lrac-2025-track1.yaml")
PROJECT = {
    "targets": ["designs", "track1"],
    "limits": "lrac-2025-track1",
    "conventions": ["lrac-2025", "macs"],
    "rvq": "projected",
    "bitrates_kbps": [1, 6],
    "baseline": "audited.json",
    "max_increase": {"overall_mflops": "1%", "total_latency_ms": 0, "receive_mflops": "0.5"},
}
TRAINING = tree_of(ROOT / "reference_models/training/configurations/debug.yaml")


@pytest.mark.parametrize("quantizer", ["none", {"none": {}}, {"none": None}])
def test_a_kind_that_needs_no_field_is_given_in_any_way(quantizer: Any) -> None:
    tree = TRACK1 | {"quantizer": quantizer}
    assert mistakes("design", tree) == []
    assert read_design(tree, "test").quantizer.layers == 0


@pytest.mark.parametrize("quantizer", ["fsq", {"fsq": None}, {"none": {}, "fsq": {}}])
def test_a_kind_that_lacks_a_field_is_refused(quantizer: Any) -> None:
    tree = TRACK1 | {"quantizer": quantizer}
    assert mistakes("design", tree)
    with pytest.raises(InputError):
        read_design(tree, "test")


@pytest.mark.parametrize(
    ("name", "tree", "path", "edit"),
    [
        ("design", TRACK1, "", lambda t: t.update(kernel=1)),
        ("design", TRACK1, "", lambda t: t.pop("encoder")),
        ("design", TRACK1, "lrac_audit_design", lambda t: t.update(lrac_audit_design=2)),
        ("design", TRACK1, "name", lambda t: t.update(name="")),
        ("design", TRACK1, "encoder.blocks", lambda t: t["encoder"].update(blocks=[])),
        ("design", TRACK1, "encoder.input", lambda t: t["encoder"]["input"].update(kernel=0)),
        ("design", TRACK1, "encoder.activation", lambda t: t["encoder"].update(activation="x")),
        ("design", TRACK1, "quantizer.layers", lambda t: t["quantizer"].update(layers=65)),
        ("design", TRACK1, "quantizer.modes.0", lambda t: t["quantizer"].update(modes=[True])),
        (
            "design",
            TRACK1,
            "decoder.blocks.0.up.trim",
            lambda t: t["decoder"]["blocks"][0]["up"].update(trim="middle"),
        ),
        ("limits", LIMITS, "overall_mflops", lambda t: t.update(overall_mflops=0)),
        ("limits", LIMITS, "convention", lambda t: t.update(convention="flops")),
        ("limits", {"name": "x", "convention": "macs"}, "", lambda t: None),
        ("limits", LIMITS, "max_increase", lambda t: t.update(max_increase={"mflops": 1})),
        (
            "limits",
            LIMITS,
            "max_increase",
            lambda t: t.update(max_increase={"overall_mflops": "1 %"}),
        ),
        ("project", PROJECT, "", lambda t: t.pop("targets")),
        ("project", PROJECT, "", lambda t: t.update(convention="macs")),
        ("project", PROJECT, "rvq", lambda t: t.update(rvq=["absorbed", "absorb"])),
        ("project", PROJECT, "bitrates_kbps", lambda t: t.update(bitrates_kbps=0)),
        ("training", TRAINING, "mel_windows.0", lambda t: t.update(mel_windows=[100])),
        ("training", TRAINING, "active_layers", lambda t: t.update(active_layers=[])),
        ("training", TRAINING, "hop_fraction", lambda t: t.update(hop_fraction=0)),
        ("training", TRAINING, "loss_weights.mel", lambda t: t["loss_weights"].update(mel=-1)),
        ("training", TRAINING, "loss_weights", lambda t: t["loss_weights"].update(melody=1)),
        ("training", TRAINING, "optimisation.betas", lambda t: t["optimisation"].update(betas=[0])),
    ],
)
def test_what_is_broken_is_refused_where_it_is_broken(
    name: str, tree: Any, path: str, edit: Callable[[Any], object]
) -> None:
    broken = copy.deepcopy(tree)
    edit(broken)
    errors = list(VALIDATORS[name].iter_errors(broken))
    assert [".".join(map(str, error.absolute_path)) for error in errors] == [path]


VALUES = (0, -1, 1, 3, 1.5, True, None, "", "x", "both", "elu", [], {}, [1, 2], {"a": 1}, 1 << 21)


def test_the_schema_refuses_nothing_that_the_reader_accepts() -> None:
    """A value anywhere is replaced by another one; the reader also knows rules between fields."""
    rng, outcomes = random.Random(3), []
    for attempt in range(600):
        is_design = attempt % 3 > 0
        tree = copy.deepcopy(TRACK1 if is_design else LIMITS)
        holder, key = rng.choice(list(places(tree)))
        holder[key] = rng.choice(VALUES)
        valid = VALIDATORS["design" if is_design else "limits"].is_valid(tree)
        read: Callable[[Any, str], object] = read_design if is_design else parse_limits
        try:
            read(tree, "mutant")
            accepted = True
        except InputError:
            accepted = False
        assert valid or not accepted, tree
        outcomes.append((valid, accepted))
    assert min(map(outcomes.count, ((True, True), (False, False)))) > 50


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list of ``tree`` with each of its keys or indices."""
    for key in tree if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from places(tree[key])


def test_budgets_are_accepted_where_the_reader_accepts_them() -> None:
    assert mistakes("project", PROJECT) == []
    tree = LIMITS | {"max_increase": PROJECT["max_increase"]}
    assert mistakes("limits", tree) == []
    assert parse_limits(tree, "test").max_increase == PROJECT["max_increase"]
    assert parse_limits(LIMITS, "test").max_increase is None


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described(name: str) -> None:
    schema = json.loads(schema_text(name))
    parts = {"": schema, **schema.get("definitions", {})}
    fields = [
        (part, key, field)
        for part, content in parts.items()
        for key, field in content.get("properties", {}).items()
    ]
    assert len(fields) >= 7
    assert not [(part, key) for part, key, field in fields if not field.get("description")]


def test_the_command_prints_a_schema(run: Callable[..., Result]) -> None:
    found = run("schema", "limits")
    assert (found.code, found.err, found.out) == (0, "", schema_text("limits"))


def test_an_unknown_format_is_refused_with_a_suggestion(run: Callable[..., Result]) -> None:
    found = run("schema", "limit")
    assert found.code == 2
    assert found.err == (
        "error: options: schema: given 'limit'; allowed: one of design, limits, noise-classes, "
        "project, training; did you mean limits?\n"
    )


GOOD_LAYERS = [
    "layer_norm",
    "gru",
    {"gru": None},
    {"rms_norm": {}},
    {"conv": {"kernel": 1}},
    {"conv": {"kernel": 3, "dilation": 2, "look_ahead": 4, "bias": False}},
    {"depthwise_conv": {"kernel": 1}},
    {"activation": "snake"},
    {"activation": {"name": "elu", "alpha": 0.5}},
    {"linear": None},
    {"linear": {"channels": 24, "bias": True}},
    {"lstm": {"width": 24, "layers": 64}},
    {"residual": {"layers": ["gru", {"residual": {"layers": ["layer_norm"]}}]}},
    {"residual": {"layers": ["lstm"], "learnable_skip": True}},
]
BAD_LAYERS = [
    None,
    1,
    [],
    {},
    "conv",
    "activation",
    "residual",
    "grru",
    {"grru": {}},
    {"conv": None},
    {"conv": {}},
    {"conv": {"kernel": 0}},
    {"conv": {"kernel": 1, "look_ahead": -1}},
    {"conv": {"kernel": 1, "bias": "yes"}},
    {"conv": {"kernel": 1, "chanels": 2}},
    {"gru": {"width": 0}},
    {"gru": {"layers": 65}},
    {"lstm": [1]},
    {"linear": {"channels": 1.5}},
    {"layer_norm": {"kernel": 1}},
    {"activation": "elus"},
    {"activation": None},
    {"activation": {"name": "relu", "alpha": 0.5}},
    {"residual": {"layers": []}},
    {"residual": {"layers": "gru"}},
    {"residual": {"layers": ["gru"], "skip": True}},
    {"residual": {"layers": [{"residual": {"layers": [{"gru": {"width": "a"}}]}}]}},
    {"gru": {}, "lstm": {}},
]


@pytest.mark.parametrize("layer", [*GOOD_LAYERS, *BAD_LAYERS], ids=str)
def test_a_layer_is_accepted_where_the_reader_accepts_it(layer: Any) -> None:
    tree = design_around(["layer_norm"])
    tree["encoder"]["layers"][1] = layer
    good = layer in GOOD_LAYERS
    assert VALIDATORS["design"].is_valid(tree) == good
    if good:
        read_design(tree, "text")
    else:
        with pytest.raises(InputError) as caught:
            read_design(tree, "text")
        assert len(caught.value.problems) == 1


UPSAMPLING = [
    ({"repeat": {"factor": 2}}, True),
    ({"repeat": {"factor": 1}}, False),
    ({"repeat": None}, False),
    ("pixel_shuffle", False),
    ({"pixel_shuffle": {"factor": 2}}, True),
    ({"transposed_conv": {"kernel": 2, "stride": 2}}, True),
    ({"transposed_conv": {"kernel": 5, "stride": 2, "trim": "both"}}, True),
    ({"transposed_conv": {"kernel": 5, "stride": 2, "trim": "middle"}}, False),
    ({"transposed_conv": {"kernel": 5}}, False),
    ({"istft": {"window": 22, "hop": 2}}, True),
    ({"istft": {"window": 22, "hop": 2, "spectrum": "magnitude"}}, False),
    ({"imdct": {"hop": 2}}, False),
]


@pytest.mark.parametrize(("layer", "good"), UPSAMPLING, ids=str)
def test_a_layer_that_raises_the_rate_is_accepted_where_the_reader_accepts_it(
    layer: Any, good: bool
) -> None:
    tree = design_around([{"repeat": {"factor": 2}}])
    tree["decoder"]["layers"][0] = layer
    assert VALIDATORS["design"].is_valid(tree) == good
    if good:
        read_design(tree, "text")
    else:
        with pytest.raises(InputError):
            read_design(tree, "text")


def test_a_mistake_in_a_layer_is_shown_where_it_is() -> None:
    tree = design_around([{"residual": {"layers": [{"gru": {"width": "a"}}]}}])
    (error,) = VALIDATORS["design"].iter_errors(tree)
    steps = ["encoder", "layers", 1, "residual", "layers", 0, "gru"]
    assert list(error.absolute_path)[: len(steps)] == steps
