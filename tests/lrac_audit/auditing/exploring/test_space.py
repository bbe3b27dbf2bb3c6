"""Spaces: what the texts of --vary open, and what is wrong with them."""

from __future__ import annotations

import re

import pytest

from lrac_audit.auditing.exploring.space import parse_space
from lrac_audit.auditing.exploring.values import parse_values
from lrac_audit.design.addresses import address_text
from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError

TRACK1 = load_design("track1").design
UPS = [f"decoder.blocks.{i}.up.channels" for i in range(4)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3,5,7", (3, 5, 7)),
        ("8..32:8", (8, 16, 24, 32)),
        ("1..3, 9 ,2", (1, 2, 3, 9)),
        ("8..31:8", (8, 16, 24)),
        ("true,false", (True, False)),
        ("0.5,2", (0.5, 2)),
    ],
)
def test_values(text: str, values: tuple[object, ...]) -> None:
    found = parse_values(text)
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


@pytest.mark.parametrize("text", ["", "3,,5", "8..4", "1..9:0", "a", "1e3", "True", "1..2..3"])
def test_no_values(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_values(text)


def test_a_range_without_end_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="999999999"):
        parse_values("1..999999999")


def test_the_matches_of_a_pattern_vary_together() -> None:
    space = parse_space(TRACK1, ["decoder.blocks.*.up.channels=8..32:8"])
    (knob,) = space.knobs
    assert list(map(address_text, knob.addresses)) == UPS
    assert space.size == 4
    ups = [block.up.channels for block in space.design((24,)).decoder.blocks]  # type: ignore[union-attr]
    assert ups == [24, 24, 24, 24]


def test_the_matches_of_a_pattern_vary_apart_after_each() -> None:
    space = parse_space(TRACK1, ["each decoder.blocks.*.up.channels=8,16"])
    assert [knob.name for knob in space.knobs] == UPS
    assert space.size == 16
    ups = [block.up.channels for block in space.design((8, 16, 8, 8)).decoder.blocks]  # type: ignore[union-attr]
    assert ups == [8, 16, 8, 8]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["encoder.input.kernl=3"], "did you mean encoder.input.kernel"),
        (["encoder.input.kernel"], "given 'encoder.input.kernel'; allowed: PATTERN=VALUES"),
        (["encoder.input.kernel=0,3"], "given 0 for encoder.input.kernel; allowed: a whole number"),
        (["encoder.input.kernel=true"], "given true for encoder.input.kernel; allowed: a whole"),
        (["encoder.input.causal=2"], "given 2 for encoder.input.causal; allowed: true or false"),
        (["encoder.input.kernel=9..3"], "allowed: numbers, ranges such as 8..128:8"),
        (["encoder.input.kernel=3", "encoder.*.kernel=5"], "varies encoder.input.kernel again"),
        ([], "allowed: at least one PATTERN=VALUES"),
    ],
)
def test_problems(texts: list[str], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        parse_space(TRACK1, texts)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        parse_space(TRACK1, ["encoder.input.kernl=3", "decoder.output.kernel=-1"])
    assert len(error.value.problems) == 2
