"""Vectors of sums: one number for each limit and objective of a search, smaller always better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from operator import add
from typing import NamedTuple

from lrac_audit.auditing.exploring.figures import RowSum
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row

Sums = tuple[float, ...]
"""Whole numbers, or infinity where no number bounds a sum; negated where more is better."""


class Summand(NamedTuple):
    """A figure that is summed, and whether more of it is better."""

    figure: RowSum
    is_maximised: bool = False

    @property
    def sign(self) -> int:
        """The factor that makes less better."""
        return -1 if self.is_maximised else 1

    def value(self, ledger: Ledger, total: float) -> float:
        """Return a sum of a vector in the unit of the figure, still negated if more is better."""
        return self.sign * self.figure.unit(ledger, self.sign * total)


class Summing(NamedTuple):
    """The figures of a search, in the order of its vectors."""

    summands: Sequence[Summand]
    convention: Convention

    @property
    def zero(self) -> Sums:
        """The vector of nothing."""
        return (0,) * len(self.summands)

    def constants(self, ledger: Ledger) -> Sums:
        """Return what the rates of ``ledger`` add to each sum, whatever its rows are."""
        return tuple(each.sign * each.figure.constant(ledger) for each in self.summands)

    def of_rows(self, rows: Iterable[Row]) -> Sums:
        """Return the sums over ``rows``."""
        found = list(rows)
        return tuple(self._sum(each, found) for each in self.summands)

    def _sum(self, summand: Summand, rows: Sequence[Row]) -> float:
        counts = [summand.figure.of_row(row, self.convention) for row in rows]
        total = inf if None in counts else sum(each for each in counts if each is not None)
        return summand.sign * total


def plus(first: Sums, second: Sums) -> Sums:
    """Return the sum of two vectors."""
    return tuple(map(add, first, second))


def least(vectors: Iterable[Sums]) -> Sums:
    """Return the smallest of each number of at least one vector."""
    return tuple(map(min, zip(*vectors, strict=True)))
