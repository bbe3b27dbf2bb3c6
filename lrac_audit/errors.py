"""Problems of the user's input, and the exception that carries them.

Library code raises :class:`InputError`; only the command line turns it into text
on standard error and exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

SHOWN_VALUE_CHARACTERS = 60
MAX_COMPARED_CHARACTERS = 100
"""Longer words are not compared: no name is as long, and comparing takes quadratic time."""


class Problem(NamedTuple):
    """One thing wrong with one field, with what was given and what is allowed."""

    field: str
    """Dotted path, such as ``encoder.blocks[0].down.stride``; empty for the whole file."""
    given: str
    """The offending value as text."""
    allowed: str
    """Values that would have been accepted, as text."""
    involved: tuple[str, ...] = ()
    """The other fields that the rule compares with, when it is about several."""
    line: int | None = None
    """Line of the field in its file, from 1; None where that is not known."""
    is_failure: bool = False
    """Whether code failed: ``field`` is then what it was to do, ``given`` what it raised and where,
    and ``allowed`` the next step."""

    def inside(self, part: str) -> Problem:
        """Return the problem as that of the part around it, a name or an index such as ``[0]``."""
        involved = tuple(_joined(part, field) for field in self.involved)
        return self._replace(field=_joined(part, self.field), involved=involved)

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        if self.is_failure:
            return f"{where}failed with {self.given}; next: {self.allowed}"
        return f"{where}given {self.given}; allowed: {self.allowed}"


def _joined(part: str, field: str) -> str:
    return part + field if field == "" or field.startswith("[") else f"{part}.{field}"


class InputError(ValueError):
    """The user's file, field or option cannot be used; carries every problem found.

    Its text has a line for each, as compilers write them: ``file:line: field: given ...``.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{self._where(p)}: {p}" for p in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, tuple[Problem, ...]]]:
        """Return how another process makes the error anew."""
        return type(self), (self.source, self.problems)

    def _where(self, problem: Problem) -> str:
        line = "" if problem.line is None else f":{problem.line}"
        return printable(self.source) + line

    def renamed(self, source: str, fields: Mapping[str, str]) -> InputError:
        """Return the same problems under the names that another file format gives the fields."""

        def rename(problem: Problem) -> Problem:
            involved = tuple(fields.get(name, name) for name in problem.involved)
            return problem._replace(
                field=fields.get(problem.field, problem.field), involved=involved
            )

        return InputError(source, dict.fromkeys(map(rename, self.problems)))


def one_of(allowed: Iterable[str], given: object = None, more: str = "") -> str:
    """Return ``allowed`` as a list of names, with those that are most like ``given``."""
    from difflib import get_close_matches

    names = list(allowed)
    comparable = isinstance(given, str) and len(given) <= MAX_COMPARED_CHARACTERS
    similar = get_close_matches(str(given), names) if comparable else []
    return f"one of {', '.join(names)}{more}{did_you_mean(similar)}"


def did_you_mean(similar: Iterable[str]) -> str:
    """Return the question after names that are ``similar`` to a mistyped one; empty for none."""
    names = " or ".join(similar)
    return f"; did you mean {names}?" if names else ""


def shown(value: object) -> str:
    """Return ``value`` as one short printable line, safe to put into a message."""
    try:
        text = printable(repr(value))
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__} too large to show"
    if len(text) > SHOWN_VALUE_CHARACTERS:
        text = text[: SHOWN_VALUE_CHARACTERS - 3] + "..."
    return text


def printable(text: str) -> str:
    """Return ``text`` with control characters escaped, so that no file can steer the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
