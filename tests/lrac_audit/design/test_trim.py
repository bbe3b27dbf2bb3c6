"""Trims of transposed convolutions, as words and as numbers."""

from __future__ import annotations

from typing import Any

import pytest

from lrac_audit.design.trim import Trim, trimmed_left
from lrac_audit.errors import Problem


@pytest.mark.parametrize(
    ("word", "surplus", "left"),
    [
        *[("right", 5, 0), ("left", 5, 5), ("both", 5, 3), ("both", 4, 2), ("both", 1, 1)],
        *[("right", 0, 0), ("left", 0, 0), ("both", 0, 0)],  # nothing to trim
    ],
)
def test_the_samples_that_a_word_trims_on_the_left(word: str, surplus: int, left: int) -> None:
    assert trimmed_left(word, surplus) == left


@pytest.mark.parametrize(
    ("value", "siblings", "left"),
    [
        (0, {}, 0),
        (1, {}, 1),
        (7, {"kernel": 2, "stride": 2}, 7),  # too many: a rule between fields says so later
        ("left", {"kernel": 9, "stride": 4}, 5),
        ("both", {"kernel": 9, "stride": 4}, 3),
        ("right", {"kernel": 9, "stride": 4}, 0),
        ("left", {"kernel": 4, "stride": 4}, 0),
        ("left", {"kernel": 2, "stride": 4}, 0),  # a kernel below the stride has no surplus
        ("left", {"kernel": 9}, 0),
        ("left", {"stride": 4}, 0),
        ("left", {"kernel": "9", "stride": 4}, 0),
        ("left", {"kernel": 9, "stride": True}, 0),
    ],
)
def test_what_a_file_says(value: object, siblings: dict[str, Any], left: int) -> None:
    found: list[Problem] = []
    assert Trim().read(value, "up.trim", found, siblings) == left
    assert found == []


@pytest.mark.parametrize("value", [-1, True, 1.0, "middle", None])
def test_what_is_no_trim(value: object) -> None:
    found: list[Problem] = []
    assert Trim().read(value, "up.trim", found, {"kernel": 9, "stride": 4}) == 0
    allowed = "right, left, both, or the samples trimmed on the left"
    assert found == [Problem("up.trim", repr(value), allowed)]


def test_the_bounds_of_a_number() -> None:
    assert Trim().accepts(0) and Trim().accepts(1 << 20)
    assert not Trim().accepts(-1) and not Trim().accepts((1 << 20) + 1)


def test_the_schema_of_a_trim() -> None:
    assert Trim().json_schema({}) == {
        "anyOf": [
            {"enum": ["right", "left", "both"]},
            {"type": "integer", "minimum": 0, "maximum": 1 << 20},
        ],
        "default": "right",
    }
