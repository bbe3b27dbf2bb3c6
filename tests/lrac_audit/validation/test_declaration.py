"""A dataclass whose annotations are wrong or rich, apart from the formats that ship."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from lrac_audit.errors import InputError, Problem
from lrac_audit.validation.declaration import Marker, part
from lrac_audit.validation.json_schema import json_schema
from lrac_audit.validation.kinds import POSITIVE, Number, PowerOfTwo, Text, Whole
from lrac_audit.validation.part import rules_of
from lrac_audit.validation.reading import Format, check, merged, read
from lrac_audit.validation.structures import Count, Table


@dataclass(frozen=True, kw_only=True)
class Window:
    """A window."""

    samples: Annotated[int, PowerOfTwo(32, 128)]
    shape: Literal["hann", "rect"] = "hann"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A sample of every kind of field."""

    name: Annotated[str, Text(8)]
    gain: Annotated[float, Number(0, 1, above_low=True)] = 0.5
    pair: tuple[Annotated[int, Whole(0, 9)], Annotated[int, Whole(0, 9)]]
    window: Window | None = None
    weights: Annotated[Mapping[str, float], Table(("a", "b"), POSITIVE)]
    tags: Annotated[tuple[Annotated[str, Text(3)], ...], Count(0, 2, distinct=True)] = ()
    seen: Annotated[int, Whole(0, 9), Marker.NOT_IN_FILE] = 0

    def __post_init__(self) -> None:
        check(self, self.name)


@rules_of(Sample)
def _broken_rules(sample: Sample, bad_fields: frozenset[str]) -> Iterator[Problem]:
    if "gain" not in bad_fields and sample.gain == 0.25:
        yield Problem("gain", "0.25", "another gain")


POWER = "a power of 2 from 32 to 128"
GOOD: dict[str, Any] = {"name": "x", "pair": [1, 2], "weights": {"a": 1, "b": 2.5}}
FORMAT = Format("sample", 1)


def problems(**changes: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(Sample, GOOD | changes, "file")
    return [str(problem) for problem in caught.value.problems]


def test_what_a_file_says_becomes_an_object() -> None:
    tree = GOOD | {"window": {"samples": 64}, "tags": ["a", "b"]}
    expected = Sample(
        name="x",
        pair=(1, 2),
        window=Window(samples=64),
        weights={"a": 1, "b": 2.5},
        tags=("a", "b"),
    )
    assert read(Sample, tree, "file") == expected
    assert read(Sample, {"sample": 1, **tree}, "file", FORMAT) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "123456789"}, "name: given '123456789'; allowed: 1 to 8 printable characters"),
        ({"gain": 0}, "gain: given 0; allowed: a number above 0 and at most 1"),
        ({"gain": float("nan")}, "gain: given nan; allowed: a number above 0 and at most 1"),
        ({"gain": True}, "gain: given True; allowed: a number above 0 and at most 1"),
        ({"gain": 0.25}, "gain: given 0.25; allowed: another gain"),
        ({"pair": [1]}, "pair: given 1 entries; allowed: 2 entries"),
        ({"pair": [1, 10]}, "pair[1]: given 10; allowed: a whole number from 0 to 9"),
        ({"window": {"samples": 96}}, f"window.samples: given 96; allowed: {POWER}"),
        ({"window": {}}, f"window.samples: given nothing; allowed: {POWER}"),
        ({"window": 3}, "window: given 3; allowed: a mapping"),
        ({"weights": {"a": 1}}, "weights.b: given nothing; allowed: a positive number"),
        ({"weights": 7}, "weights: given 7; allowed: a mapping"),
        ({"tags": ["a", "a"]}, "tags: given ['a', 'a']; allowed: different entries"),
        ({"tags": ["a", "b", "c"]}, "tags: given 3 entries; allowed: 0 to 2 entries"),
    ],
)  # fmt: skip
def test_each_kind_says_what_was_given_and_what_is_allowed(
    changes: dict[str, Any], expected: str
) -> None:
    assert problems(**changes) == [expected]


def test_a_file_cannot_set_what_the_program_sets() -> None:
    (found,) = problems(seen=1)
    assert found.startswith("seen: given an unknown key; allowed: one of name, gain, pair, window,")
    assert "seen" not in json_schema(Sample, "Sample")["properties"]
    with pytest.raises(InputError, match="seen: given 10; allowed: a whole number from 0 to 9"):
        Sample(name="x", pair=(1, 2), weights={"a": 1, "b": 1}, seen=10)


def test_a_rule_is_reported_beside_bad_fields_that_it_does_not_compare() -> None:
    found = problems(name="", gain=0.25)
    assert [line.partition(":")[0] for line in found] == ["name", "gain"]


@pytest.mark.parametrize("tree", [None, [], {"sample": True}, {"sample": 2}, {"Sample": 1}])
def test_another_format_is_refused_before_all_else(tree: Any) -> None:
    with pytest.raises(InputError) as caught:
        read(Sample, tree, "file", FORMAT)
    (problem,) = caught.value.problems
    assert (problem.field, problem.allowed) == ("sample", "1, the version of the format")


def test_a_field_without_bounds_is_refused_as_a_mistake_of_ours() -> None:
    @dataclass
    class Bare:
        count: int

    with pytest.raises(TypeError, match=re.escape("given no bounds; allowed: Annotated")):
        part(Bare)


def test_problems_inside_a_broken_part_are_left_out() -> None:
    structural = [Problem("a.b", "3", "a list", ("a.c",)), Problem("a.b[0].x", "1", "2")]
    found = [
        Problem("a.b[1]", "0", "1"),  # inside what is broken
        Problem("a.bc", "0", "1"),  # beside it, though its name begins alike
        Problem("d", "0", "1", ("a.c.e",)),  # compares a list that was cut short
        Problem("d", "0", "1", ("a",)),
    ]
    assert merged(structural, found) == [structural[0], found[1], found[3]]
