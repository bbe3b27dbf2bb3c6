"""Fields that hold one of two things, told apart by what the file gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrac_audit.errors import Problem
from lrac_audit.validation.declaration import part
from lrac_audit.validation.kinds import Kind


@dataclass(frozen=True)
class ByKey(Kind):
    """An object of ``with_key`` where a file's mapping has the key, else one of ``otherwise``."""

    distinctive: str
    """The key."""
    with_key: type
    otherwise: type

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is an object of either class that is accepted."""
        return self._of(isinstance(value, self.with_key)).accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of ``value`` as an object of the class that it has."""
        return self._of(isinstance(value, self.with_key)).problems(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return an object of the class that the keys of ``value`` tell."""
        has_key = isinstance(value, dict) and self.distinctive in value
        return self._of(has_key).read(value, field, found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a choice by the key, so that an error is one of the class that the keys tell."""
        return {
            "if": {"type": "object", "required": [self.distinctive]},
            "then": self._of(True).json_schema(definitions),
            "else": self._of(False).json_schema(definitions),
        }

    def _of(self, has_key: bool) -> Kind:
        return part(self.with_key if has_key else self.otherwise)


@dataclass(frozen=True)
class OneOrEach(Kind):
    """One value for all entries, or a list with one for each."""

    one: Kind
    each: Kind

    def accepts(self, value: object) -> bool:
        """Return whether the value, or the tuple with all its entries, is accepted."""
        return self._of(isinstance(value, tuple)).accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of the value, or of the tuple and its entries."""
        return self._of(isinstance(value, tuple)).problems(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the value, or a list's entries as a tuple."""
        return self._of(isinstance(value, list)).read(value, field, found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a choice of both."""
        return {"anyOf": [self._of(flag).json_schema(definitions) for flag in (False, True)]}

    def _of(self, is_list: bool) -> Kind:
        return self.each if is_list else self.one
