"""Conventions met in print, and which of them explain published figures.

A published figure may differ from the ledger's because it was counted in another way: MACs printed
as FLOPs, biases counted, the search left out, one frame or a short clip in place of a stream. All
these departures are tried, alone and together, and every combination that prints as the figures
is reported: an explanation is worth as much as it is alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.auditing.departures import Departure, applied, combinations
from lrac_audit.auditing.readings import FigureToExplain, Reading, fits, value


class Explanation(NamedTuple):
    """Departures that together make figures print as they did."""

    departures: tuple[Departure, ...]
    reading: Reading
    explained: frozenset[int]
    """Places of the figures that it explains."""

    def __str__(self) -> str:
        return ", ".join(departure.name for departure in self.departures) or "as it stands"


class ConventionSearch(NamedTuple):
    """Every explanation of some figures by conventions met in print, the best first."""

    figures: tuple[FigureToExplain, ...]
    explanations: tuple[Explanation, ...]
    """Those that explain the most figures, by fewest departures."""
    tried: int
    """How many combinations were tried, those that change nothing left out."""
    nearest: tuple[Explanation, Fraction] | None
    """The combination that misses least, and by which share of the figure."""

    @property
    def best(self) -> Explanation | None:
        """The explanation with the fewest departures, if there is any."""
        return self.explanations[0] if self.explanations else None

    @property
    def groups(self) -> list[list[Explanation]]:
        """The explanations, those of the same figures together."""
        found: dict[frozenset[int], list[Explanation]] = {}
        for one in self.explanations:
            found.setdefault(one.explained, []).append(one)
        return list(found.values())


def explain(figures: Sequence[FigureToExplain]) -> ConventionSearch:
    """Try every combination of departures on ``figures``, which share one way of counting."""
    trial = _Trial(figures)
    tried = [one for departures in combinations(figures) if (one := trial.explanation(departures))]
    most = max(len(one.explained) for one in tried)
    best = [one for one in tried if len(one.explained) == most] if most else []
    concerned = best[0].explained if best else frozenset(range(len(figures)))
    others = [
        (trial.gap(one.reading, concerned), place, one)
        for place, one in enumerate(tried)
        if one not in best
    ]
    nearest = min(others, default=None)
    return ConventionSearch(
        tuple(figures), tuple(best), len(tried), nearest and (nearest[2], nearest[0])
    )


class _Trial:
    """The values of some figures by every reading, each calculated once."""

    def __init__(self, figures: Sequence[FigureToExplain]) -> None:
        self._figures = figures
        self._values: dict[Reading, list[Fraction | None]] = {}

    def explanation(self, departures: tuple[Departure, ...]) -> Explanation | None:
        """Return what the departures explain; None if one of them changes nothing."""
        reading = applied(departures)
        places = self._fitting(reading)
        concerned = sorted(places) or range(len(self._figures))
        for departure in departures:
            without = applied([one for one in departures if one is not departure])
            if reading.rounded and not without.rounded:
                matters = not places <= self._fitting(without)
            else:
                values, others = self._value(reading), self._value(without)
                matters = any(values[i] != others[i] for i in concerned)
            if not matters:
                return None
        return Explanation(departures, reading, places)

    def gap(self, reading: Reading, places: Iterable[int]) -> Fraction:
        """Return the largest distance of figures from print, as a share of what is printed."""
        values = self._value(reading)
        return max(_gap(self._figures[i].published.value, values[i]) for i in places)

    def _fitting(self, reading: Reading) -> frozenset[int]:
        pairs = zip(self._figures, self._value(reading), strict=True)
        return frozenset(
            i for i, (one, found) in enumerate(pairs) if fits(one.published, found, reading)
        )

    def _value(self, reading: Reading) -> list[Fraction | None]:
        """Return the value of each figure, which rounding does not change."""
        plain = replace(reading, rounded=False)
        if plain not in self._values:
            self._values[plain] = [value(one, plain) for one in self._figures]
        return self._values[plain]


def _gap(published: Fraction, found: Fraction | None) -> Fraction:
    return Fraction(1) if found is None or not published else abs(found - published) / published
