"""Kinds made of other kinds: optional values, lists, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrac_audit.errors import Problem, one_of, shown
from lrac_audit.validation.kinds import NOTHING, Kind

MAX_SUGGESTIONS = 20
"""Maximum number of unknown keys with a suggestion: a hostile file may have very many."""


class ShapeProblem(Problem):
    """A part or a list of a wrong type, inside which no rule can be checked."""


@dataclass(frozen=True)
class Maybe(Kind):
    """Another kind, or None."""

    kind: Kind

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is None or accepted by the other kind."""
        return value is None or self.kind.accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of a value that is not None."""
        return () if value is None else self.kind.problems(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return None for null, and otherwise what the other kind reads."""
        return None if value is None else self.kind.read(value, field, found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the other kind's schema or null."""
        return {"anyOf": [self.kind.json_schema(definitions), {"type": "null"}]}


@dataclass(frozen=True)
class Count:
    """Bounds on the number of entries of a list, in the annotation of a tuple."""

    low: int
    high: int
    distinct: bool = False
    """Whether each entry may occur only once."""

    def accepts(self, items: Sequence[object]) -> bool:
        """Return whether the list satisfies the bounds, and is distinct where it must be."""
        return self.low <= len(items) <= self.high and not (self.distinct and _repeats(items))

    def problems(self, items: Sequence[object]) -> Iterator[Problem]:
        """Yield the problems of the list as a whole."""
        if not self.low <= len(items) <= self.high:
            low = "" if self.low == self.high else f"{self.low} to "
            allowed = f"{low}{self.high} entries"
            yield Problem("", f"{len(items)} entries", allowed, ("",))
        if self.distinct and _repeats(items):
            yield Problem("", shown(list(items)), "different entries")


def _repeats(items: Sequence[object]) -> bool:
    return len(set(map(str, items))) < len(items)  # by text: entries may be unhashable


@dataclass(frozen=True)
class Items(Kind):
    """A list whose entries are of one kind: a tuple in Python; a file may leave it out."""

    kind: Kind
    count: Count

    @property
    def needs_value(self) -> bool:
        """Whether a file must have the list: not if it may be empty."""
        return self.count.low > 0

    def accepts(self, value: object) -> bool:
        """Return whether the list and all its entries are accepted."""
        if type(value) is not tuple or not self.count.accepts(value):
            return False
        return all(map(self.kind.accepts, value))

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of the list, then those of its entries."""
        if type(value) is not tuple:
            return (ShapeProblem("", shown(value), "a tuple"),)
        found = list(self.count.problems(value))
        for i, item in enumerate(value):
            for problem in self.kind.problems(item):
                found.append(problem.inside(f"[{i}]"))
        return found

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the entries as a tuple, empty where there is no list."""
        if not isinstance(value, list):
            if value is not NOTHING:
                found.append(Problem(field, shown(value), "a list"))
            return ()
        read = self.kind.read
        return tuple(read(item, f"{field}[{i}]", found, siblings) for i, item in enumerate(value))

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return an array between the counts."""
        schema = {
            "type": "array",
            "items": self.kind.json_schema(definitions),
            "minItems": self.count.low,
            "maxItems": self.count.high,
        }
        return schema | ({"uniqueItems": True} if self.count.distinct else {})


@dataclass(frozen=True)
class Table(Kind):
    """A mapping with these keys and no other, whose values are all of one kind."""

    keys: tuple[str, ...]
    kind: Kind
    is_complete: bool = True
    """Whether it must have all of the keys."""

    def accepts(self, value: object) -> bool:
        """Return whether all values are accepted, and no key is missing or unknown."""
        return not self.problems(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of each value, and the keys that are missing or unknown."""
        if not isinstance(value, Mapping):
            return (ShapeProblem("", shown(value), "a mapping"),)
        found: list[Problem] = []
        for key in self.keys:
            if self.is_complete or key in value:
                found += (p.inside(key) for p in self.kind.problems(value.get(key, NOTHING)))
        return [*found, *unknown_keys(value, self.keys, "")]

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return an object with these keys and no other."""
        properties = {key: self.kind.json_schema(definitions) for key in self.keys}
        return closed_object(properties, self.keys if self.is_complete else ())


def unknown_keys(given: Mapping[str, object], known: Sequence[str], field: str) -> list[Problem]:
    """Return a problem for each key of ``given``, a mapping at ``field``, that is not ``known``."""
    found: list[Problem] = []
    for key in given:
        if key not in known:
            allowed = "no keys"
            if known:
                allowed = one_of(known, key if len(found) < MAX_SUGGESTIONS else None)
            problem = Problem(shown(key).strip("'\""), "an unknown key", allowed)
            found.append(problem.inside(field) if field else problem)
    return found


def closed_object(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    """Return the JSON Schema of a mapping with these keys and no other."""
    schema: dict[str, Any] = {"type": "object", "properties": dict(properties)}
    if required:
        schema["required"] = list(required)
    return schema | {"additionalProperties": False}
