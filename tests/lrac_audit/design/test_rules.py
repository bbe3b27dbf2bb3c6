"""The rules between fields, with the fields that each compares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from lrac_audit.design import CodecDesign
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.sheet.layers import plant
from lrac_audit.errors import InputError, Problem
from tests.lrac_audit.design.sheet_pages import DESIGN

ENCODER, DECODER = DESIGN.encoder, DESIGN.decoder


def edited(**fields: object) -> Any:
    """The design as plain data, with other values at some fields."""
    tree: Any = yaml.safe_load(write_design(DESIGN))
    for field, value in fields.items():
        plant(tree, field, value)
    return tree


def broken(**fields: object) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_design(edited(**fields), "file")
    return list(caught.value.problems)


DIVISOR = "a divisor of the channels before and after it, "
UNIT = "encoder.blocks[0].residual[0]"
RULES: list[tuple[dict[str, Any], Problem]] = [
    (
        {"encoder.input.groups": 2},
        Problem(
            "encoder.input.groups", "2", f"{DIVISOR}1 and 4",
            ("audio_channels", "encoder.input.channels"),
        ),
    ),
    (
        {f"{UNIT}.convs[0].groups": 4},
        Problem(
            f"{UNIT}.convs[0].groups", "4", f"{DIVISOR}4 and 2",
            ("encoder.input.channels", f"{UNIT}.compress"),
        ),
    ),
    (
        {"encoder.blocks[0].down.groups": 4},
        Problem(
            "encoder.blocks[0].down.groups", "4", f"{DIVISOR}4 and 6",
            ("encoder.input.channels", "encoder.blocks[0].down.channels"),
        ),
    ),
    (
        {"encoder.blocks[0].down.groups": 3},
        Problem(
            "encoder.blocks[0].down.groups", "3", f"{DIVISOR}4 and 6",
            ("encoder.input.channels", "encoder.blocks[0].down.channels"),
        ),
    ),
    (
        {"encoder.output.groups": 3},
        Problem(
            "encoder.output.groups", "3", f"{DIVISOR}8 and 10",
            ("encoder.blocks[1].down.channels", "encoder.output.channels"),
        ),
    ),
    (
        {"decoder.input.groups": 3},
        Problem(
            "decoder.input.groups", "3", f"{DIVISOR}10 and 9",
            ("encoder.output.channels", "decoder.input.channels"),
        ),
    ),
    (
        {"decoder.blocks[0].up.groups": 2},
        Problem(
            "decoder.blocks[0].up.groups", "2", f"{DIVISOR}9 and 6",
            ("decoder.input.channels", "decoder.blocks[0].up.channels"),
        ),
    ),
    (
        {"decoder.blocks[0].residual[0].convs[0].groups": 4},
        Problem(
            "decoder.blocks[0].residual[0].convs[0].groups", "4", f"{DIVISOR}6 and 6",
            ("decoder.blocks[0].up.channels", "decoder.blocks[0].residual[0].compress"),
        ),
    ),
    (
        {"decoder.output.groups": 4},
        Problem(
            "decoder.output.groups", "4", f"{DIVISOR}4 and 1",
            ("decoder.blocks[1].up.channels", "audio_channels"),
        ),
    ),
    (
        {f"{UNIT}.compress": 5},
        Problem(
            f"{UNIT}.compress", "5", "at most the 4 channels of its block",
            ("encoder.input.channels",),
        ),
    ),
    (
        {"encoder.blocks[1].down.kernel": 2},
        Problem(
            "encoder.blocks[1].down.kernel", "2, which reaches 2 samples",
            "a kernel that reaches at least the stride, 3 samples",
            ("encoder.blocks[1].down.dilation", "encoder.blocks[1].down.stride"),
        ),
    ),
    (
        {"decoder.blocks[1].up.kernel": 1},
        Problem(
            "decoder.blocks[1].up.kernel", "1", "at least the stride, 2",
            ("decoder.blocks[1].up.stride",),
        ),
    ),
    (
        {"decoder.blocks[0].up.trim": 3},
        Problem(
            "decoder.blocks[0].up.trim", "3", "at most kernel - stride, 2 samples",
            ("decoder.blocks[0].up.kernel", "decoder.blocks[0].up.stride"),
        ),
    ),
    (
        {"decoder.blocks[1].up.trim": 1},  # there is no surplus
        Problem(
            "decoder.blocks[1].up.trim",
            "1",
            "at most kernel - stride, 0 samples",
            ("decoder.blocks[1].up.kernel", "decoder.blocks[1].up.stride"),
        ),
    ),
    (
        {"quantizer.modes": [1, 5]},
        Problem("quantizer.modes[1]", "5", "at most the 4 layers", ("quantizer.layers",)),
    ),
    (
        {"quantizer.modes": [2, 2]},
        Problem(
            "quantizer.modes[1]", "2", "more than the mode before it, 2", ("quantizer.modes[0]",)
        ),
    ),
    (
        {"decoder.output": None},
        Problem(
            "decoder.output", "none after 4 channels", "a layer, or the 1 audio channels before it",
            ("decoder.blocks[1].up.channels", "audio_channels"),
        ),
    ),
    (
        {"decoder.blocks[1].up.stride": 1},
        Problem(
            "decoder.blocks", "strides that multiply to 3", "the encoder's hop, 6 samples",
            (
                "encoder.blocks[0].down.stride", "encoder.blocks[1].down.stride",
                "decoder.blocks[0].up.stride", "decoder.blocks[1].up.stride",
            ),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), RULES, ids=lambda value: str(value)[:40])
def test_a_rule_names_the_fields_that_it_compares(
    fields: dict[str, Any], expected: Problem
) -> None:
    assert broken(**fields) == [expected]


@pytest.mark.parametrize(("fields", "expected"), RULES, ids=lambda value: str(value)[:40])
def test_a_rule_waits_until_the_fields_that_it_compares_are_good(
    fields: dict[str, Any], expected: Problem
) -> None:
    """Each field that a rule compares is made bad in turn: then only that is reported."""
    for field in expected.involved:
        if field not in (*fields, "quantizer.modes[0]"):  # a mode stands in its own list, below
            found = [problem.field for problem in broken(**fields | {field: 0})]
            assert found == [field]


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ({"quantizer.modes": [0, 2]}, ["quantizer.modes[0]"]),
        ({"quantizer.modes": [0, 2, 1]}, ["quantizer.modes[0]", "quantizer.modes[2]"]),
        ({"quantizer.modes": [5, 3]}, ["quantizer.modes[0]"]),
        ({"quantizer.modes": [3, 0, 1]}, ["quantizer.modes[1]"]),
        (
            {"quantizer.layers": 0, "quantizer.modes": [3, 2]},
            ["quantizer.layers", "quantizer.modes[1]"],
        ),
        (
            {"encoder.blocks[0].down.channels": 0, "encoder.input.groups": 3},
            ["encoder.blocks[0].down.channels", "encoder.input.groups"],
        ),
        (
            {"sample_rate_hz": 0, "decoder.blocks[1].up.kernel": 1, "decoder.output": None},
            ["sample_rate_hz", "decoder.blocks[1].up.kernel", "decoder.output"],
        ),
        ({"audio_channels": "two", "encoder.input.groups": 2}, ["audio_channels"]),
        ({"encoder.blocks[0].down.stride": "x"}, ["encoder.blocks[0].down.stride"]),
        ({"decoder.blocks[1].up.stride": "x"}, ["decoder.blocks[1].up.stride"]),
        ({"decoder.blocks": 3}, ["decoder.blocks"]),
        ({"encoder.blocks": 3, "decoder.blocks[1].up.stride": 1}, ["encoder.blocks"]),
    ],
)  # fmt: skip
def test_other_rules_are_reported_beside_bad_fields(
    fields: dict[str, Any], reported: list[str]
) -> None:
    assert [problem.field for problem in broken(**fields)] == reported


def with_strides(first: int, second: int) -> CodecDesign:
    """The design with other strides, and kernels as long as these."""
    downs = zip(ENCODER.blocks, (first, second), strict=True)
    ups = zip(DECODER.blocks, (first, second), strict=True)
    down = tuple(replace(b, down=replace(b.down, kernel=s, stride=s)) for b, s in downs)
    up = tuple(replace(b, up=replace(b.up, kernel=s, stride=s, trim_left=0)) for b, s in ups)
    encoder, decoder = replace(ENCODER, blocks=down), replace(DECODER, blocks=up)
    return replace(DESIGN, encoder=encoder, decoder=decoder)


def test_the_largest_hop() -> None:
    assert with_strides(1 << 12, 1 << 12).hop_samples == 1 << 24
    with pytest.raises(InputError) as caught:
        with_strides(1 << 12, 4097)
    (problem,) = caught.value.problems
    assert problem == Problem(
        "encoder.blocks",
        "strides that multiply to 16781312",
        "a hop of at most 16777216 samples",
        ("encoder.blocks[0].down.stride", "encoder.blocks[1].down.stride"),
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"encoder.blocks[1].down.kernel": 3},
        {"encoder.blocks[1].down.kernel": 2, "encoder.blocks[1].down.dilation": 2},
        {"decoder.blocks[1].up.kernel": 2},
        {"decoder.blocks[0].up.trim": 2},
        {"decoder.blocks[0].up.trim": 0},
        {f"{UNIT}.compress": 4, f"{UNIT}.convs[1].groups": 1},
        {"quantizer.modes": [3, 4]},
        {"audio_channels": 2, "encoder.input.groups": 2, "decoder.output.groups": 2},
        {"audio_channels": 4, "decoder.output": None},
    ],
)
def test_values_at_the_edge_of_a_rule_are_good(fields: dict[str, Any]) -> None:
    assert isinstance(read_design(edited(**fields), "file"), CodecDesign)


def test_a_design_made_in_python_is_named_by_its_name() -> None:
    with pytest.raises(InputError) as caught:
        replace(DESIGN, sample_rate_hz=0)
    assert caught.value.source == "small"


def test_the_registry_of_checks() -> None:
    assert CHECKS.purpose == "check"
