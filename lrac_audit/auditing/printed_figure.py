"""Printed figures: the value, and the interval of exact values that print as it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


class PublishedFigure(NamedTuple):
    """A printed number and half a unit of its last printed place."""

    text: str
    value: Fraction
    half_unit: Fraction

    @property
    def lowest(self) -> Fraction:
        """The smallest value that prints as this figure."""
        return self.value - self.half_unit

    @property
    def highest(self) -> Fraction:
        """The largest value that prints as this figure."""
        return self.value + self.half_unit

    def to_digits(self, digits: int) -> PublishedFigure | None:
        """Return the figure as one that was rounded to ``digits`` before it was printed.

        None where it shows more digits than that, or no fewer places than they would have.
        """
        if not self.value:
            return None
        unit = Fraction(1)
        while self.value >= unit * 10**digits:
            unit *= 10
        while self.value < unit * 10 ** (digits - 1):
            unit /= 10
        if self.value % unit or unit / 2 <= self.half_unit:
            return None
        return self._replace(half_unit=unit / 2)

    def agrees_with(self, value: Fraction) -> bool:
        """Return whether ``value`` prints as this figure; a value half-way agrees with both."""
        return self.lowest <= value <= self.highest


def parse_figure(text: str, field: str, source: str = "options") -> PublishedFigure:
    """Return the figure that ``text`` prints, precise to its last place.

    ``563.30`` is ten times as precise as ``563.3``.

    Raises:
        InputError: ``text`` is no plain decimal number.
    """
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        allowed = "a plain decimal number as it was printed, such as 563.3"
        raise InputError(source, [Problem(field, shown(text), allowed)])
    decimals = len(text.partition(".")[2])
    return PublishedFigure(text, Fraction(text), Fraction(1, 2 * 10**decimals))
