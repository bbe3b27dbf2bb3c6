"""Activations: their constants, what a file may say of them, and their schema."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from lrac_audit.design import activations
from lrac_audit.design.activations import ELU, Activation, ActivationField
from lrac_audit.errors import Problem

FIELD = ActivationField()
NAMES = ["elu", "relu", "leaky_relu", "prelu", "gelu", "silu", "tanh", "sigmoid", "snake"]


def test_the_table_of_kinds() -> None:
    """Names and defaults are those of ``torch.nn``; Snake learns one value for each channel.

    The table is made while its module is imported, so the module is run anew here.
    """
    module = runpy.run_path(activations.__file__, run_name=activations.__name__)
    found = {
        name: (kind.torch_name, dict(kind.constants), kind.learned_per_channel, kind.learned_shared)
        for name, kind in module["ACTIVATIONS"].items()
    }
    assert found == {
        "elu": ("ELU", {"alpha": 1.0}, 0, 0),
        "relu": ("ReLU", {}, 0, 0),
        "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}, 0, 0),
        "prelu": ("PReLU", {}, 0, 1),
        "gelu": ("GELU", {}, 0, 0),
        "silu": ("SiLU", {}, 0, 0),
        "tanh": ("Tanh", {}, 0, 0),
        "sigmoid": ("Sigmoid", {}, 0, 0),
        "snake": ("Snake", {}, 1, 0),
    }
    assert module["BY_TORCH_NAME"]["LeakyReLU"] == "leaky_relu"


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("elu", {"alpha": 1.0}, ()),
        ("elu", {"alpha": 0.5}, (("alpha", 0.5),)),
        ("leaky_relu", {"negative_slope": 0.01}, ()),
        ("relu", {"z": 1, "a": 2}, (("a", 2), ("z", 1))),
        ("no such", {"alpha": 1.0}, (("alpha", 1.0),)),
        (["elu"], {"alpha": 1.0}, (("alpha", 1.0),)),
    ],
)
def test_constants_at_their_defaults_are_left_out(name: Any, given: Any, kept: Any) -> None:
    assert Activation.of(name, given) == Activation(name, kept)


def test_what_is_accepted() -> None:
    assert FIELD.accepts(ELU)
    assert FIELD.accepts(Activation("elu", (("alpha", 0.5),)))
    assert not FIELD.accepts(Activation("elu", (("beta", 0.5),)))
    assert not FIELD.accepts(Activation("softmax"))
    assert not FIELD.accepts("elu")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("elu", [("", "'elu'", f"one of {', '.join(NAMES)}")]),
        (
            Activation("elu", (("alpha", "x"), ("beta", 2))),  # type: ignore[arg-type]
            [("alpha", "'x'", "a finite number"), ("beta", "2", "alpha for elu")],
        ),
        (Activation("relu", (("beta", 2),)), [("beta", "2", "no constants for relu")]),
        (Activation("elu", (("alpha", 2),)), []),
        (
            Activation("softmax", (("beta", 2),)),
            [("", "'softmax'", f"one of {', '.join(NAMES)}")],
        ),
    ],
)
def test_problems(value: object, expected: list[tuple[str, str, str]]) -> None:
    found = FIELD.problems(value)
    assert [(p.field, p.given) for p in found] == [e[:2] for e in expected]
    for problem, (_, _, allowed) in zip(found, expected, strict=True):
        assert problem.allowed.partition(";")[0] == allowed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("elu", Activation("elu")),
        (3, Activation(3)),  # type: ignore[arg-type]
        ({"name": "elu", "alpha": 0.5}, Activation("elu", (("alpha", 0.5),))),
        ({"name": "elu", "alpha": 1.0}, Activation("elu")),
    ],
)
def test_what_a_file_says(value: object, expected: Activation) -> None:
    found: list[Problem] = []
    assert FIELD.read(value, "activation", found, {}) == expected
    assert found == []


def test_a_mapping_without_a_name() -> None:
    read = FIELD.read({"alpha": 0.5}, "activation", [], {})
    (problem,) = FIELD.problems(read)
    assert problem.given == "nothing"


def test_the_schema() -> None:
    definitions: dict[str, Any] = {}
    assert FIELD.json_schema(definitions) == {"$ref": "#/definitions/Activation"}
    names, *objects = definitions["Activation"]["anyOf"]
    assert list(definitions) == ["Activation"]
    assert list(definitions["Activation"]) == ["anyOf"]
    assert names == {"enum": NAMES}
    assert [each["properties"]["name"] for each in objects] == [{"const": name} for name in NAMES]
    assert objects[0] == {
        "type": "object",
        "properties": {"name": {"const": "elu"}, "alpha": {"type": "number", "default": 1.0}},
        "required": ["name"],
        "additionalProperties": False,
    }
    assert objects[2]["properties"]["negative_slope"] == {"type": "number", "default": 0.01}
