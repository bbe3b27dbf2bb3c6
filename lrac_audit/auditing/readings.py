"""Readings of a published figure: the ways in which it may have been counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.auditing.counted_work import AT_OUTPUT_RATE, STEADY, CountedWork
from lrac_audit.auditing.printed_figure import PublishedFigure
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Kind
from lrac_audit.ledger.totals import Part

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


def value(figure: FigureToExplain, reading: Reading) -> Fraction | None:
    """Return what a figure would be by ``reading``; None where it was not counted in that way."""
    work = figure.works.get(reading.counted_on)
    if work is None:
        return None
    skipped = ("rvq_receive",) if reading.single_pass else ()
    prices = _prices(figure.convention, reading)
    return work.millions_per_second(figure.part, prices, skipped) * reading.scale


def fits(published: PublishedFigure, found: Fraction | None, reading: Reading) -> bool:
    """Return whether ``found`` prints as published, by way of fewer digits where it was rounded."""
    figure = published.to_digits(ROUNDED_DIGITS) if reading.rounded else published
    return found is not None and figure is not None and figure.agrees_with(found)


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
