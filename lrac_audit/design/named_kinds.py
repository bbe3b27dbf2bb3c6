"""Kinds that a file names: ``{kind: its fields}``, or the name alone where no field is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, NamedTuple, TypeVar

from lrac_audit.errors import Problem
from lrac_audit.validation.declaration import part
from lrac_audit.validation.kinds import Kind
from lrac_audit.validation.structures import closed_object

T = TypeVar("T", bound=type)


class Named(NamedTuple):
    """The content of a place where a file names a kind."""

    name: Any
    """The only key of a mapping, or all that stands there; mostly, but not always, a name."""
    content: Any
    """What stands under the key; None for a name alone."""


def named(value: Any) -> Named:
    """Return what names the kind in ``value``, and what it is given."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, content),) = value.items()
        return Named(name, content)
    return Named(value, None)


class NamedKinds(Mapping[str, Kind]):
    """The kinds of one thing, and how a file gives each, by their names."""

    def __init__(self, thing: str) -> None:
        """``thing`` is the word for what the kinds are of, such as ``layer``."""
        self._thing = thing
        self._kinds: dict[str, Kind] = {}
        self._names: dict[type, str] = {}

    def __getitem__(self, name: str) -> Kind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    @property
    def names(self) -> Mapping[type, str]:
        """The names by the classes of the kinds."""
        return self._names

    def enter(self, name: str, kind: Kind | None = None) -> Callable[[T], T]:
        """Return a decorator that enters a class under ``name``.

        A file gives an object of it what ``kind`` reads; by default the fields of the dataclass.

        Raises:
            ValueError: there is a kind of that name already.
        """

        def enter(cls: T) -> T:
            if name in self._kinds:
                raise ValueError(f"there is a kind of {self._thing} named {name} already")
            self._kinds[name] = kind or _LatePart(cls)
            self._names[cls] = name
            return cls

        return enter

    def name_of(self, value: object) -> str | None:
        """Return the name of the kind of ``value``; None where its class is no kind."""
        return self._names.get(type(value))

    def problems_of(self, value: object) -> Sequence[Problem]:
        """Return the problems of an object of a kind, in fields below the kind's name."""
        name = self._names[type(value)]
        return [problem.inside(name) for problem in self._kinds[name].problems(value)]

    def json_schemas(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of what each kind is given, by name."""
        found = {name: kind.json_schema(definitions) for name, kind in self._kinds.items()}
        for name in self._alone():
            found[name] = {"anyOf": [{"type": "null"}, found[name]]}
        return found

    def json_schema(self, of_mapping: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a kind that needs no field by its name, or else of a mapping."""
        return {
            "type": ["string", "object"],
            "if": {"type": "string"},
            "then": {"enum": self._alone()},
            "else": of_mapping,
        }

    def _alone(self) -> list[str]:
        """Return the kinds that need no field, so that their names say all."""
        return [
            name
            for name, kind in self._kinds.items()
            if isinstance(kind, _LatePart) and kind.needs_no_field
        ]


def mapping_of_one(contents: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a mapping with one of ``contents`` as its only key."""
    return closed_object(contents, []) | {"minProperties": 1, "maxProperties": 1}


class _LatePart(Kind):
    """A dataclass whose fields are looked at when they are needed: they may hold kinds too."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    @property
    def needs_no_field(self) -> bool:
        """Whether every field has a default."""
        return all(field.default is not MISSING for field in fields(self._cls))

    def accepts(self, value: object) -> bool:
        return part(self._cls).accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        return part(self._cls).problems(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        return part(self._cls).read({} if value is None else value, field, found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        return part(self._cls).json_schema(definitions)
