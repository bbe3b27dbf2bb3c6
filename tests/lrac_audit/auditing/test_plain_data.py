"""Records as plain data and back, type by type, and the limits on a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import pytest

from lrac_audit.auditing.isolated.plain_data import NotPlainError, from_plain, to_plain
from lrac_audit.auditing.isolated.process_limits import ProcessLimits
from lrac_audit.errors import InputError


class Wing(NamedTuple):
    """A named tuple."""

    span: float
    name: str = "left"


@dataclass(frozen=True)
class Bird:
    """A dataclass of every kind of field."""

    wings: tuple[Wing, ...]
    pair: tuple[int, str]
    weights: Mapping[str, int]
    side: Literal["left", "right"]
    note: str | None
    flies: bool


BIRD = Bird((Wing(1.5), Wing(2, "right")), (3, "x"), MappingProxyType({"a": 1}), "left", None, True)
PLAIN: dict[str, Any] = {
    "wings": [{"span": 1.5, "name": "left"}, {"span": 2, "name": "right"}],
    "pair": [3, "x"],
    "weights": {"a": 1},
    "side": "left",
    "note": None,
    "flies": True,
}


def test_a_record_becomes_plain_and_comes_back() -> None:
    plain = to_plain(BIRD)
    assert plain == PLAIN
    assert type(plain["weights"]) is dict and type(plain["wings"]) is list
    assert from_plain(Bird, PLAIN) == BIRD
    assert to_plain([(1, "a"), {"b": (2,)}]) == [[1, "a"], {"b": [2]}]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (float, 3, 3.0),
        (float, 2.5, 2.5),
        (int, 3, 3),
        (bool, False, False),
        (str, "a\x07", "a\\x07"),
        (str, "x" * 2001, "x" * 2000),
        (type(None), None, None),
        (None, None, None),
        (int | None, None, None),
        (int | str, "3", "3"),
        (Literal["a", 3], 3, 3),
        (tuple[int, ...], [], ()),
        (tuple[int, ...], [1, 2, 3], (1, 2, 3)),
        (tuple[int, str], [1, "a"], (1, "a")),
        (dict[str, int], {"a\x07": 1}, {"a\\x07": 1}),
    ],
)
def test_data_of_the_right_type(kind: Any, data: object, expected: object) -> None:
    found = from_plain(kind, data)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (float, True),
        (float, "3"),
        (int, True),
        (int, 3.0),
        (bool, 1),
        (str, 3),
        (type(None), 0),
        (int | None, "x"),
        (Literal["a", "b"], "c"),
        (tuple[int, ...], (1,)),
        (tuple[int, str], [1]),
        (tuple[int, str], [1, "a", "b"]),
        (dict[str, int], [["a", 1]]),
        (Wing, {"span": 1.0}),
        (Wing, [1.0, "left"]),
        (Wing, {"span": 1.0, "name": "x", "more": 1}),
    ],
)
def test_data_of_another_type(kind: Any, data: object) -> None:
    with pytest.raises(NotPlainError, match=r"^result has another type than it should$"):
        from_plain(kind, data)


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("wings", [{"span": "x", "name": "y"}], "wings.span"),
        ("pair", ["3", "x"], "pair"),
        ("weights", {"a": "1"}, "weights"),
        ("side", "both", "side"),
        ("note", 3, "note"),
    ],
)
def test_the_place_of_a_wrong_value(field: str, value: object, place: str) -> None:
    with pytest.raises(NotPlainError) as caught:
        from_plain(Bird, PLAIN | {field: value}, "bird")
    assert str(caught.value) == f"bird.{place} has another type than it should"


def test_limits_on_a_process() -> None:
    least = ProcessLimits(time_s=0.1, memory_gb=1)
    assert least.checked() is least
    with pytest.raises(InputError) as caught:
        ProcessLimits(time_s=0, memory_gb=0.5).checked()
    assert str(caught.value).splitlines() == [
        "options: --time-limit: given 0; allowed: a positive number of seconds",
        "options: --memory-limit: given 0.5; allowed: at least 1 GB, which torch alone needs",
    ]
    with pytest.raises(InputError, match="--time-limit: given nan"):
        ProcessLimits(time_s=float("nan")).checked()
    with pytest.raises(InputError, match="--memory-limit: given nan"):
        ProcessLimits(memory_gb=float("nan")).checked()
