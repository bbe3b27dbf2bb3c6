"""Patterns of addresses, on the design of the first baseline and on lists of layers."""

from __future__ import annotations

import re

import pytest

from lrac_audit.auditing.exploring.patterns import matching
from lrac_audit.design.addresses import address_text, field_values
from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError


def matched(preset: str, pattern: str) -> list[str]:
    return list(map(address_text, matching(field_values(load_design(preset).design), pattern)))


def test_an_asterisk_stands_for_any_run_of_parts() -> None:
    blocks = [f"encoder.blocks.{i}.down.channels" for i in range(4)]
    assert matched("track1", "encoder.blocks.*.channels") == blocks
    assert matched("track1", "encoder.*.channels") == ["encoder.input.channels", *blocks]
    assert matched("track1", "*.input.kernel") == ["encoder.input.kernel"]
    assert matched("track1", "*.output.kernel") == ["decoder.output.kernel"]


def test_an_asterisk_stands_for_at_least_one_part() -> None:
    with pytest.raises(InputError):
        matched("track1", "encoder.*.input.kernel")


def test_several_asterisks_reach_into_lists_of_lists() -> None:
    found = matched("track1", "decoder.blocks.*.residual.*.convs.1.kernel")
    assert found
    assert all(
        re.fullmatch(r"decoder\.blocks\.\d\.residual\.\d\.convs\.1\.kernel", at) for at in found
    )


@pytest.mark.parametrize(
    "pattern", ["encoder.blocks[0].down.kernel", "encoder.blocks.0.down.kernel"]
)
def test_positions_may_stand_in_brackets(pattern: str) -> None:
    assert matched("track1", pattern) == ["encoder.blocks.0.down.kernel"]


def test_layers_of_a_list_are_found_by_their_kind() -> None:
    found = matched("mimi-24khz", "decoder.layers[*].transposed_conv.stride")
    assert found == [
        at
        for at in map(address_text, field_values(load_design("mimi-24khz").design))
        if at.startswith("decoder.") and at.endswith(".transposed_conv.stride")
    ]
    assert len(found) > 2


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("encoder.*.chanels", "encoder.*.channels"),
        ("encodr.input.kernel", "encoder.input.kernel"),
        ("quantizer.codebooksize", "quantizer.codebook_size"),
    ],
)
def test_a_pattern_that_matches_nothing_names_those_that_are_like_it(
    pattern: str, meant: str
) -> None:
    with pytest.raises(InputError, match=re.escape(f"did you mean {meant}")) as error:
        matched("track1", pattern)
    assert repr(pattern) in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_characters_that_mean_something_elsewhere_are_plain() -> None:
    with pytest.raises(InputError, match="matches none"):
        matched("track1", "encoder.input.(kernel|channels)")
    with pytest.raises(InputError, match="matches none"):
        matched("track1", "")
