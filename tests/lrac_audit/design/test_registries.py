"""The readers of foreign mappings, and the registries of kinds."""

from __future__ import annotations

import pytest

from lrac_audit.design.fields import FieldReader
from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.errors import InputError, Problem
from lrac_audit.validation.kinds import NOTHING


class Wing:
    """A kind of part."""


class LongWing(Wing):
    """A kind of its own."""


class Arm:
    """Another kind."""


def test_an_entry_is_found_by_the_exact_class() -> None:
    registry: KindRegistry[str] = KindRegistry("price")
    assert registry.purpose == "price"
    assert registry.add(Wing, Arm)("cheap") == "cheap"
    assert registry.of("coder.wing", Wing()) == "cheap"
    assert registry.of_kind("coder.arm", Arm) == "cheap"
    assert Wing in registry and LongWing not in registry
    with pytest.raises(InputError) as caught:
        registry.of("coder.wing", LongWing())
    assert caught.value.source == "design"
    expected = "coder.wing: given a LongWing, which has no price; allowed: one of Arm, Wing"
    assert str(caught.value.problems[0]) == expected


def test_a_kind_is_entered_once() -> None:
    registry: KindRegistry[str] = KindRegistry("price")
    registry.add(Wing)("cheap")
    with pytest.raises(ValueError, match=r"^Wing has a price already$"):
        registry.add(Arm, Wing)("dear")
    assert registry.of_kind("", Wing) == "cheap"


def test_fields_have_dotted_paths() -> None:
    assert FieldReader({}, "", []).path("speed") == "speed"
    assert FieldReader({}, "conf.wings", []).path("speed") == "conf.wings.speed"


def test_values_and_their_defaults() -> None:
    reader = FieldReader({"a": 1, "b": None}, "", [])
    assert (reader.value("a"), reader.value("b"), reader.value("c", 3)) == (1, None, 3)
    assert reader.value("d") is NOTHING
    assert reader.values(["a", "b", "e"]) == {"a": 1, "b": None}


def test_lists() -> None:
    problems: list[Problem] = []
    reader = FieldReader({"a": [1, 2], "b": 3}, "conf", problems)
    assert reader.items("a") == [1, 2]
    assert reader.items("c") == []
    assert problems == []
    assert reader.items("b") == []
    assert problems == [Problem("conf.b", "3", "a list")]


def test_a_part_that_is_no_mapping() -> None:
    problems: list[Problem] = []
    reader = FieldReader({"a": [1]}, "conf", problems)
    assert reader.part("a", lambda part: part.value("x", 7)) == 7
    assert problems == [Problem("conf.a", "[1]", "a mapping")]
    assert reader.part("b", lambda part: part.values(["x"])) == {}
    assert problems[1:] == [Problem("conf.b", "nothing", "a mapping")]


def test_keys_that_were_not_read_are_reported() -> None:
    problems: list[Problem] = []
    reader = FieldReader({"a": {"x": 1, "y": 2}}, "", problems)
    reader.part("a", lambda part: (part.value("x"), part.value("x"), part.value("z")))
    reader.finish()
    assert problems == [Problem("a.y", "an unknown key", "one of x, z")]


def test_a_problem_with_the_fields_that_it_compares() -> None:
    problems: list[Problem] = []
    FieldReader({}, "", problems).problem("a", "1", "2", "b", "c")
    assert problems == [Problem("a", "1", "2", ("b", "c"))]
