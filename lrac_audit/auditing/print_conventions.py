"""Conventions met in print, and which of them explain published figures.

A published figure may differ from the ledger's because it was counted in another way: MACs printed
as FLOPs, biases counted, the search left out, one frame or a short clip in place of a stream. All
these departures are tried, alone and together, and every combination that prints as the figures
is reported: an explanation is worth as much as it is alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from lrac_audit.auditing.counted_work import AT_OUTPUT_RATE, STEADY, CountedWork
from lrac_audit.auditing.printed_figure import PublishedFigure
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Kind
from lrac_audit.ledger.totals import Part

MAX_DEPARTURES = 4
"""Most departures that are tried together."""
ROUNDED_DIGITS = 3
SEARCH_KINDS = (Kind.CODEBOOK_SEARCH, Kind.SEARCH_NORM, Kind.SEARCH_COMPARE)


class FigureToExplain(NamedTuple):
    """A published figure, and the work of the codec that it is about."""

    title: str
    part: Part
    published: PublishedFigure
    convention: Convention
    """The convention that the figure is said to be in."""
    works: Mapping[str, CountedWork]
    """The codec's work by name of how it was counted."""


@dataclass(frozen=True)
class Reading:
    """One way to count what is printed; the defaults are the convention's own."""

    counted_on: str = STEADY
    toggle_search: bool = False
    toggle_biases: bool = False
    single_pass: bool = False
    """Whether the receiver's quantizer is left out, as in one forward pass of a whole model."""
    at_output_rate: bool = False
    scale: Fraction = Fraction(1)
    rounded: bool = False


@dataclass(frozen=True)
class Departure:
    """One departure from a convention: its name, and the fields of a reading that it changes."""

    name: str
    changes: tuple[tuple[str, Any], ...]

    def applied(self, reading: Reading) -> Reading:
        """Return ``reading`` with this departure."""
        return replace(reading, **dict(self.changes))


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
    tried = [one for departures in _combinations(figures) if (one := trial.explanation(departures))]
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
        reading = _applied(departures)
        places = self._fitting(reading)
        concerned = sorted(places) or range(len(self._figures))
        for departure in departures:
            without = _applied([one for one in departures if one is not departure])
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
            i for i, (one, found) in enumerate(pairs) if _fits(one.published, found, reading)
        )

    def _value(self, reading: Reading) -> list[Fraction | None]:
        """Return the value of each figure, which rounding does not change."""
        plain = replace(reading, rounded=False)
        if plain not in self._values:
            self._values[plain] = [value(one, plain) for one in self._figures]
        return self._values[plain]


def value(figure: FigureToExplain, reading: Reading) -> Fraction | None:
    """Return what a figure would be by ``reading``; None where it was not counted in that way."""
    work = figure.works.get(reading.counted_on)
    if work is None:
        return None
    skipped = ("rvq_receive",) if reading.single_pass else ()
    prices = _prices(figure.convention, reading)
    return work.millions_per_second(figure.part, prices, skipped) * reading.scale


def _fits(published: PublishedFigure, found: Fraction | None, reading: Reading) -> bool:
    """Return whether ``found`` prints as published, by way of fewer digits where it was rounded."""
    figure = published.to_digits(ROUNDED_DIGITS) if reading.rounded else published
    return found is not None and figure is not None and figure.agrees_with(found)


def _gap(published: Fraction, found: Fraction | None) -> Fraction:
    return Fraction(1) if found is None or not published else abs(found - published) / published


def _prices(convention: Convention, reading: Reading) -> dict[str, Fraction]:
    prices = {kind: Fraction(price) for kind, price in convention.prices.items()}
    per_mac = convention.flops_per_mac
    if reading.toggle_search:
        counts = prices[Kind.CODEBOOK_SEARCH] > 0
        prices |= dict.fromkeys(SEARCH_KINDS, Fraction(0))
        if not counts:
            prices[Kind.CODEBOOK_SEARCH] = Fraction(per_mac)
    if reading.toggle_biases:
        prices[Kind.BIAS] = Fraction(0 if prices[Kind.BIAS] else per_mac)
    if reading.at_output_rate:
        prices[AT_OUTPUT_RATE] = prices[Kind.TRANSPOSED_CONV]
        prices[Kind.TRANSPOSED_CONV] = Fraction(0)
    return prices


def _combinations(figures: Sequence[FigureToExplain]) -> Iterator[tuple[Departure, ...]]:
    """Yield combinations of departures, at most one of a kind, those of few departures first."""
    kinds = _kinds(figures)
    combined = [
        tuple(one for one in chosen if one is not None)
        for chosen in product(*((None, *departures) for departures in kinds))
    ]
    combined.sort(key=len)
    yield from (chosen for chosen in combined if len(chosen) <= MAX_DEPARTURES)


def _kinds(figures: Sequence[FigureToExplain]) -> list[list[Departure]]:
    """Return the departures of each kind, of which a figure can have one."""
    convention = figures[0].convention
    names = dict.fromkeys(name for one in figures for name in one.works if name != STEADY)
    with_search = convention.prices[Kind.CODEBOOK_SEARCH] > 0
    with_biases = convention.prices[Kind.BIAS] > 0
    return [
        _units(convention),
        [_switch("without biases" if with_biases else "with biases", "toggle_biases")],
        [Departure(name, (("counted_on", name),)) for name in names],
        [_switch("without the search" if with_search else "with the search", "toggle_search")],
        [_switch("the quantizer run once, as in one forward pass", "single_pass")],
        [_switch("transposed convolutions at the output rate", "at_output_rate")],
        [_switch(f"rounded to {ROUNDED_DIGITS} digits", "rounded")],
    ]


def _units(convention: Convention) -> list[Departure]:
    """Return what a figure may be in place of its stated unit."""
    half, double = (("scale", Fraction(1, 2)),), (("scale", Fraction(2)),)
    if convention.flops_per_mac == 2:
        return [Departure("MACs printed as FLOPs", half), Departure("doubled", double)]
    return [Departure("halved", half), Departure("FLOPs printed as MACs", double)]


def _switch(name: str, field: str) -> Departure:
    return Departure(name, ((field, True),))


def _applied(departures: Sequence[Departure]) -> Reading:
    reading = Reading()
    for departure in departures:
        reading = departure.applied(reading)
    return reading
