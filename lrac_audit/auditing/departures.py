"""Departures from a counting convention that are met in print, and their combinations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

from lrac_audit.auditing.counted_work import STEADY
from lrac_audit.auditing.readings import ROUNDED_DIGITS, FigureToExplain, Reading
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Kind

MAX_DEPARTURES = 4
"""Most departures that are tried together."""


@dataclass(frozen=True)
class Departure:
    """One departure from a convention: its name, and the fields of a reading that it changes."""

    name: str
    changes: tuple[tuple[str, Any], ...]

    def applied(self, reading: Reading) -> Reading:
        """Return ``reading`` with this departure."""
        return replace(reading, **dict(self.changes))


def combinations(figures: Sequence[FigureToExplain]) -> Iterator[tuple[Departure, ...]]:
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
    names = _different_works(figures)
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


def _different_works(figures: Sequence[FigureToExplain]) -> list[str]:
    """Return the names of the works beside a stream, of those that are equal the first."""
    names = dict.fromkeys(name for one in figures for name in one.works if name != STEADY)
    found: list[str] = []
    for name in names:
        if not any(_is_same_work(figures, name, other) for other in found):
            found.append(name)
    return found


def _is_same_work(figures: Sequence[FigureToExplain], name: str, other: str) -> bool:
    """Return whether two works are the same for every figure, whatever they are called."""
    pairs = [(one.works.get(name), one.works.get(other)) for one in figures]
    return all(a is not None and b is not None and a[1:] == b[1:] for a, b in pairs)


def _units(convention: Convention) -> list[Departure]:
    """Return what a figure may be in place of its stated unit."""
    half, double = (("scale", Fraction(1, 2)),), (("scale", Fraction(2)),)
    if convention.flops_per_mac == 2:
        return [Departure("MACs printed as FLOPs", half), Departure("doubled", double)]
    return [Departure("halved", half), Departure("FLOPs printed as MACs", double)]


def _switch(name: str, field: str) -> Departure:
    return Departure(name, ((field, True),))


def applied(departures: Sequence[Departure]) -> Reading:
    """Return the reading that ``departures`` together make."""
    reading = Reading()
    for departure in departures:
        reading = departure.applied(reading)
    return reading
