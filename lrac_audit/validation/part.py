"""The kind of a dataclass: a mapping in a file, an object in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from lrac_audit.errors import Problem, shown
from lrac_audit.validation.docstrings import field_docstrings, summary
from lrac_audit.validation.kinds import NOTHING, Kind
from lrac_audit.validation.structures import ShapeProblem, closed_object, unknown_keys

Rule = Callable[[Any, frozenset[str]], Iterable[Problem]]
"""From an object and its bad fields to the rules between its good fields that it breaks."""

_RULES: dict[type, Rule] = {}


def rules_of(cls: type) -> Callable[[Rule], Rule]:
    """Return a decorator that registers the function that yields the rules a ``cls`` breaks."""

    def register(rule: Rule) -> Rule:
        _RULES[cls] = rule
        return rule

    return register


@dataclass(frozen=True)
class Member:
    """One field of a dataclass."""

    name: str
    kind: Kind
    default: object
    """``MISSING`` where it has none."""
    in_file: bool

    @property
    def key(self) -> str:
        """The field's name in a file."""
        return self.kind.key or self.name

    @property
    def is_required(self) -> bool:
        """Whether the dataclass must be given a value."""
        return self.default is MISSING

    @property
    def has_simple_default(self) -> bool:
        """Whether the default looks the same in a file."""
        return self.default is None or isinstance(self.default, int | float | str)


class Part(Kind):
    """A dataclass: a mapping in a file."""

    def __init__(self, cls: type, kinds: Mapping[str, Kind], not_in_file: frozenset[str]) -> None:
        self.cls = cls
        self.members = tuple(
            Member(f.name, kinds[f.name], f.default, f.name not in not_in_file) for f in fields(cls)
        )
        self._accepts = tuple((member.name, member.kind.accepts) for member in self.members)
        self._in_file = tuple(member for member in self.members if member.in_file)

    def accepts(self, value: object) -> bool:
        """Return whether all fields are accepted and no rule between them is broken."""
        if not isinstance(value, self.cls):
            return False
        for name, accepts in self._accepts:
            if not accepts(getattr(value, name)):
                return False
        rule = _RULES.get(self.cls)
        return rule is None or not any(rule(value, frozenset()))

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of each field, then the broken rules between good fields."""
        if not isinstance(value, self.cls):
            return (ShapeProblem("", shown(value), f"{self.cls.__name__}(...)"),)
        found: list[Problem] = []
        for member in self.members:
            problems = member.kind.problems(getattr(value, member.name))
            found += (problem.inside(member.name) for problem in problems)
        rule = _RULES.get(self.cls)
        if rule is not None and not any(isinstance(problem, ShapeProblem) for problem in found):
            found += rule(value, frozenset(problem.field for problem in found))
        return found

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return an object of the dataclass, from the fields that the mapping ``value`` has."""
        if not isinstance(value, dict):
            found.append(Problem(field, shown(value), "a mapping"))
            value = {}
        values = {}
        for member in self._in_file:
            given = value.get(member.key, NOTHING)
            if given is not NOTHING or member.is_required:
                where = f"{field}.{member.key}" if field else member.key
                values[member.name] = member.kind.read(given, where, found, value)
        found += unknown_keys(value, [member.key for member in self._in_file], field)
        return self.cls(**values)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a reference to the dataclass's definition."""
        name = self.cls.__name__
        if name not in definitions:
            definitions[name] = self.definition(definitions)
        return {"$ref": f"#/definitions/{name}"}

    def definition(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return an object, described by the docstrings of the dataclass and of its fields."""
        described = field_docstrings(self.cls)
        properties, required = {}, []
        for member in self._in_file:
            schema = member.kind.json_schema(definitions)
            if "$ref" in schema:  # other keys beside a reference are ignored
                schema = {"allOf": [schema]}
            if member.name in described:
                schema["description"] = described[member.name]
            if member.has_simple_default and "default" not in schema:
                schema["default"] = member.default
            properties[member.key] = schema
            if member.is_required and member.kind.needs_value:
                required.append(member.key)
        return {"description": summary(self.cls)} | closed_object(properties, required)
