"""Readers of the mappings of a foreign file, which report every key that was not read.

A :class:`FieldReader` checks structure only, under the foreign names; the values are checked as
those of the design that they become, which is why a missing one is returned as ``NOTHING``
instead of raising.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from lrac_audit.design.yaml_source import Tree
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import NOTHING
from lrac_audit.validation.structures import unknown_keys

Result = TypeVar("Result")


class FieldReader:
    """A reader of one mapping of a file, at the dotted path ``field``."""

    def __init__(self, tree: Tree, field: str, problems: list[Problem]) -> None:
        self.field = field
        self.problems = problems
        if not isinstance(tree, dict):
            self.problem(field, shown(tree), "a mapping")
            tree = {}
        self._tree = tree
        self._known: list[str] = []

    def problem(self, field: str, given: str, allowed: str, *involved: str) -> None:
        """Report a problem of the structure at ``field``, compared with the fields ``involved``."""
        self.problems.append(Problem(field, given, allowed, involved))

    def path(self, key: str) -> str:
        """Return the dotted path of ``key``."""
        return f"{self.field}.{key}" if self.field else key

    def value(self, key: str, default: object = NOTHING) -> Any:
        """Return the raw value of ``key``, whatever its type, or ``default`` where it is absent."""
        self._known.append(key)
        return self._tree.get(key, default)

    def values(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the raw values of those ``keys`` that the file has."""
        values = {key: self.value(key) for key in keys}
        return {key: value for key, value in values.items() if value is not NOTHING}

    @property
    def unread(self) -> list[str]:
        """The keys of the file that were not read yet."""
        return [key for key in self._tree if isinstance(key, str) and key not in self._known]

    def part(self, key: str, read: Callable[[FieldReader], Result]) -> Result:
        """Return what ``read`` makes of the mapping at ``key``; an absent one is a problem."""
        reader = FieldReader(self.value(key), self.path(key), self.problems)
        result = read(reader)
        reader.finish()
        return result

    def items(self, key: str) -> list[Any]:
        """Return the list at ``key``; empty where it is absent."""
        items = self.value(key, [])
        if isinstance(items, list):
            return items
        self.problem(self.path(key), shown(items), "a list")
        return []

    def finish(self) -> None:
        """Report the keys that were not read."""
        self.problems += unknown_keys(self._tree, list(dict.fromkeys(self._known)), self.field)
