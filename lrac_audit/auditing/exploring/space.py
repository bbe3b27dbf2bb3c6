"""Spaces of designs: one design, and the knobs that are turned on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple

from lrac_audit.auditing.exploring.patterns import matching
from lrac_audit.auditing.exploring.values import ALLOWED, Value, parse_values, value_text
from lrac_audit.design.addresses import Address, address_text, field_values, with_values
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.steps import field_of
from lrac_audit.errors import InputError, Problem, shown

OPTION = "--vary"
EACH = "each "
"""Stands before a pattern whose matches vary apart from each other."""
Values = tuple[Value, ...]


class Knob(NamedTuple):
    """Fields of a design that take the same value, and the values that they may take."""

    name: str
    """The pattern as it was given, or the address of the one field."""
    addresses: tuple[Address, ...]
    values: Values


@dataclass(frozen=True)
class Space:
    """Every design that the knobs make of one design, whether or not it keeps all rules."""

    base: CodecDesign
    knobs: tuple[Knob, ...]

    @property
    def size(self) -> int:
        """The number of its designs."""
        return prod(len(knob.values) for knob in self.knobs)

    def design(self, values: Sequence[Value]) -> CodecDesign:
        """Return the design in which each knob has the value that stands in its place.

        Raises:
            InputError: that design breaks a rule.
        """
        return with_values(self.base, self.by_address(values))

    def by_address(self, values: Sequence[Value]) -> dict[Address, Value]:
        """Return the value of each varied field."""
        pairs = zip(self.knobs, values, strict=True)
        return {address: value for knob, value in pairs for address in knob.addresses}

    def restricted(self, knob: int, values: Values) -> Space:
        """Return the part of the space in which a knob has some of its ``values`` only."""
        knobs = list(self.knobs)
        knobs[knob] = knobs[knob]._replace(values=values)
        return replace(self, knobs=tuple(knobs))


def parse_space(design: CodecDesign, texts: Iterable[str]) -> Space:
    """Return the space that ``texts`` such as ``encoder.*.kernel=3,5,7`` open around ``design``.

    The matches of a pattern have one value together; after the word ``each`` every match is a knob
    of its own.

    Raises:
        InputError: with every problem of the texts.
    """
    problems: list[Problem] = []
    knobs = [knob for text in texts for knob in _knobs(design, text, problems)]
    seen: set[Address] = set()
    for knob in knobs:
        twice = [address_text(address) for address in knob.addresses if address in seen]
        seen.update(knob.addresses)
        if twice:
            given = f"{shown(knob.name)}, which varies {twice[0]} again"
            problems.append(Problem(OPTION, given, "each field in one pattern"))
    problems += [problem for knob in knobs for problem in _bad_values(design, knob)]
    if not knobs and not problems:
        problems.append(Problem(OPTION, "nothing", "at least one PATTERN=VALUES"))
    if problems:
        raise InputError("options", problems)
    return Space(design, tuple(knobs))


def _knobs(design: CodecDesign, text: str, problems: list[Problem]) -> list[Knob]:
    """Return the knobs that one text asks for; what is wrong with it goes to ``problems``."""
    left, equals, right = text.partition("=")
    pattern = left.strip().removeprefix(EACH).strip()
    if not equals:
        allowed = "PATTERN=VALUES, or 'each PATTERN=VALUES'"
        problems.append(Problem(OPTION, shown(text), allowed))
        return []
    try:
        values = parse_values(right)
    except ValueError:
        problems.append(Problem(OPTION, shown(text), ALLOWED))
        values = ()
    try:
        addresses = matching(field_values(design), pattern)
    except InputError as error:
        problems += [problem._replace(field=OPTION) for problem in error.problems]
        return []
    if not values:
        return []
    if left.strip().startswith(EACH):
        return [Knob(address_text(address), (address,), values) for address in addresses]
    return [Knob(pattern, tuple(addresses), values)]


def _bad_values(design: CodecDesign, knob: Knob) -> Iterator[Problem]:
    """Yield the problem of each value that a field takes in no design, whatever the others are."""
    for value in knob.values:
        for address in knob.addresses:
            found = _own_problem(design, address, value)
            if found is not None:
                given = f"{value_text(value)} for {address_text(address)}"
                yield Problem(OPTION, given, found.allowed)
                break


def _own_problem(design: CodecDesign, address: Address, value: Value) -> Problem | None:
    try:
        with_values(design, {address: value})
    except InputError as error:
        field = field_of(address_text(address))
        for problem in error.problems:
            if problem.field == field and not problem.involved:
                return problem
    return None
