"""Pareto fronts: the designs than which no other is better in everything."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from operator import le
from typing import NamedTuple

from lrac_audit.auditing.exploring.space import Values

Rank = tuple[float, ...]
"""A number for each objective, of which less is better."""


class Ranked(NamedTuple):
    """The values of the knobs of a design, and its rank."""

    rank: Rank
    values: Values


class ParetoFront:
    """The best designs among those that were added; of equal ones the first."""

    def __init__(self) -> None:
        self._found: list[Ranked] = []

    def __iter__(self) -> Iterator[Ranked]:
        """Yield the designs by rank, the best in the first objective first."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return the number of designs."""
        return len(self._found)

    def covers(self, rank: Rank) -> bool:
        """Return whether a design is at least as good as ``rank`` in everything."""
        end = bisect_right(self._found, rank[0], key=lambda each: each.rank[0])
        if len(rank) <= 2:  # the last of these is the best of them in the second objective
            return end > 0 and all(map(le, self._found[end - 1].rank, rank))
        return any(all(map(le, each.rank, rank)) for each in self._found[:end])

    def add(self, one: Ranked) -> None:
        """Add a design that no other covers; those that it covers leave."""
        kept = [each for each in self._found if not all(map(le, one.rank, each.rank))]
        insort(kept, one)
        self._found = kept
