"""Kinds of values that a single field may hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lrac_audit.errors import Problem, one_of, shown

MAX_NUMBER = 1e18
"""The largest number that is accepted where no smaller bound is declared."""


class _Nothing:
    """The value of a required field that is not there; no kind accepts it."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = _Nothing()


class Kind(ABC):
    """The values that a field may hold, declared as in ``Annotated[int, Whole(1, 64)]``."""

    key: str | None = None
    """The field's name in a file, where it is another one."""

    @property
    def needs_value(self) -> bool:
        """Whether a file must have the field when its dataclass has no default."""
        return True

    @abstractmethod
    def accepts(self, value: object) -> bool:
        """Return whether ``value`` may stand in the field; quick, as most values may."""

    @abstractmethod
    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of ``value``, with fields relative to it."""

    @abstractmethod
    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema of a file's value; shared parts go into ``definitions``."""

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the Python value that a file's ``value`` at ``field`` stands for.

        Only the structure is checked; its problems are added to ``found``. ``siblings`` is the
        mapping that ``value`` was found in.
        """
        return value


class Scalar(Kind):
    """A kind whose values are whole by themselves: accepted or not."""

    @property
    @abstractmethod
    def allowed(self) -> str:
        """The accepted values as text, for messages."""

    def problems(self, value: object) -> Sequence[Problem]:
        """Return one problem, or none."""
        return () if self.accepts(value) else (Problem("", shown(value), self.allowed),)


@dataclass(frozen=True)
class Whole(Scalar):
    """A whole number from ``low`` to ``high``."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        """The accepted values as text, for messages."""
        return f"a whole number from {self.low} to {self.high}"

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is an int, and no bool, in the range."""
        return type(value) is int and self.low <= value <= self.high

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return an integer between the bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class PowerOfTwo(Whole):
    """A power of two from ``low`` to ``high``."""

    @property
    def allowed(self) -> str:
        """The accepted values as text, for messages."""
        return f"a power of 2 from {self.low} to {self.high}"

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a power of two in the range."""
        return super().accepts(value) and isinstance(value, int) and value & (value - 1) == 0

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the list of the powers."""
        powers = (2**i for i in range(self.high.bit_length()))
        return {"enum": [power for power in powers if self.accepts(power)]}


@dataclass(frozen=True)
class Number(Scalar):
    """A finite number from ``low`` to ``high``; with ``above_low``, ``low`` itself is not one."""

    low: float = -MAX_NUMBER
    high: float = MAX_NUMBER
    above_low: bool = False

    @property
    def allowed(self) -> str:
        """The accepted values as text, for messages."""
        if self.high == MAX_NUMBER:
            return "a positive number" if self.above_low and self.low == 0 else "a finite number"
        least = f"above {self.low:g} and at most" if self.above_low else f"from {self.low:g} to"
        return f"a number {least} {self.high:g}"

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is an int or float, and no bool, in the range."""
        if type(value) not in (int, float) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and not (self.above_low and value == self.low)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a number between the bounds."""
        least = "exclusiveMinimum" if self.above_low else "minimum"
        bounds = {least: self.low, "maximum": self.high}
        return {"type": "number"} | {k: v for k, v in bounds.items() if abs(v) != MAX_NUMBER}


POSITIVE = Number(0, above_low=True)


class Flag(Scalar):
    """True or false."""

    allowed = "true or false"

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a bool."""
        return type(value) is bool

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Text(Scalar):
    """Printable characters, from ``low`` to ``high`` of them."""

    high: int
    low: int = 1
    meaning: str = ""
    """Description of the text, for messages that should not speak of its length."""

    @property
    def allowed(self) -> str:
        """The accepted values as text, for messages."""
        return self.meaning or f"{self.low} to {self.high} printable characters"

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is such a text."""
        fits = isinstance(value, str) and self.low <= len(value) <= self.high
        return fits and str(value).isprintable()

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a string between the lengths."""
        return {"type": "string", "minLength": self.low, "maxLength": self.high}


@dataclass(frozen=True)
class Choice(Scalar):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """The accepted values as text, for messages."""
        return one_of(self.words)

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is one of the words."""
        return isinstance(value, str) and value in self.words

    def problems(self, value: object) -> Sequence[Problem]:
        """Return one problem that suggests the nearest word, or none."""
        if self.accepts(value):
            return ()
        return (Problem("", shown(value), one_of(self.words, value)),)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the list of the words."""
        return {"enum": list(self.words)}
