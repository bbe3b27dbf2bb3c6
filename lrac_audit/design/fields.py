"""Taking a tree of plain data apart, field by field, without losing sight of any of it.

A :class:`FieldReader` hands out what a mapping holds and afterwards reports the keys nobody took.
It checks structure only; whether a value is any good is for ``checks.py`` to say, which is why a
field that is missing is handed out as :data:`NOTHING` instead of raising.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from lrac_audit.design.yaml_source import Tree
from lrac_audit.errors import Problem, shown

Part = TypeVar("Part")


class _Nothing:
    """The value of a required field that is not there. Fails every check, as ``nothing``."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = _Nothing()


class FieldReader:
    """One mapping of a file, at the dotted path ``field``."""

    def __init__(self, tree: Tree, field: str, problems: list[Problem]) -> None:
        self.field = field
        self.problems = problems
        if not isinstance(tree, dict):
            self.problem(field, shown(tree), "a mapping")
            tree = {}
        self._tree = tree
        self._known: list[str] = []

    def problem(self, field: str, given: str, allowed: str, *involved: str) -> None:
        """Report something wrong with the structure at ``field``, compared with ``involved``."""
        self.problems.append(Problem(field, given, allowed, involved))

    def path(self, key: str) -> str:
        """The dotted path of ``key``."""
        return f"{self.field}.{key}" if self.field else key

    def value(self, key: str, default: object = NOTHING) -> Any:
        """The raw value of ``key``, whatever its type, or ``default`` where it is absent."""
        self._known.append(key)
        return self._tree.get(key, default)

    def values(self, *required: str, optional: Iterable[str] = ()) -> dict[str, Any]:
        """The raw values of several keys; an ``optional`` one only where the file has it."""
        values = {key: self.value(key) for key in required}
        return values | {
            key: value for key in optional if (value := self.value(key)) is not NOTHING
        }

    def part(self, key: str, read: Callable[[FieldReader], Part]) -> Part:
        """The mapping at ``key``, through ``read``; an absent one is a problem."""
        tree = self.value(key)
        reader = FieldReader({} if tree is NOTHING else tree, self.path(key), self.problems)
        if tree is NOTHING:
            self.problem(self.path(key), "nothing", "a mapping")
        part = read(reader)
        reader.finish()
        return part

    def optional_part(self, key: str, read: Callable[[FieldReader], Part]) -> Part | None:
        """As :meth:`part`, but None where ``key`` is absent or null."""
        if self.value(key, None) is None:
            return None
        return self.part(key, read)

    def parts(self, key: str, read: Callable[[FieldReader], Part]) -> tuple[Part, ...]:
        """The list of mappings at ``key``, each through ``read``; empty where it is absent."""
        parts = []
        for i, tree in enumerate(self.items(key)):
            reader = FieldReader(tree, f"{self.path(key)}[{i}]", self.problems)
            parts.append(read(reader))
            reader.finish()
        return tuple(parts)

    def items(self, key: str) -> list[Any]:
        """The list at ``key``; empty where it is absent."""
        items = self.value(key, [])
        if isinstance(items, list):
            return items
        self.problem(self.path(key), shown(items), "a list")
        return []

    def rest(self) -> dict[str, Any]:
        """Every entry not taken so far; takes them all."""
        left = {key: value for key, value in self._tree.items() if key not in self._known}
        self._known.extend(left)
        return left

    def finish(self) -> None:
        """Report the keys that nobody took."""
        allowed = "one of " + ", ".join(dict.fromkeys(self._known))
        for key in self._tree:
            if key not in self._known:
                self.problem(self.path(shown(key).strip("'\"")), "an unknown key", allowed)


def merged(structural: Sequence[Problem], found: Iterable[Problem]) -> list[Problem]:
    """The problems of a file's structure and, behind them, those of the design that came of it.

    A part that could not be read was replaced by an empty or a shorter one; what is wrong with
    the replacement says nothing about the file. So whatever lies inside a part that is broken as
    a whole is left out, and so are rules that compare a part which was cut short.
    """
    broken = [problem.field for problem in structural]
    short = [*broken, *(field for problem in structural for field in problem.involved)]
    kept = [p for p in structural if not any(_inside(p.field, root) for root in broken)]
    for problem in found:
        concerned = any(_within(problem.field, root) for root in broken)
        if not concerned and not any(_within(f, root) for f in problem.involved for root in short):
            kept.append(problem)
    return kept


def _inside(field: str, root: str) -> bool:
    return field.startswith((f"{root}.", f"{root}[")) if root else field != ""


def _within(field: str, root: str) -> bool:
    return field == root or _inside(field, root)
