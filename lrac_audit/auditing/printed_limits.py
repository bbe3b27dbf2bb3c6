"""Hold a printed figure to a limit, beside the figure that counts everything."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.auditing.readings import FigureToExplain, Reading, value
from lrac_audit.ledger.conventions import CONVENTIONS, Convention
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.limit_set import LimitSet

LIMITED: Mapping[Part, str] = {"overall": "overall_mflops", "receive": "receive_mflops"}
"""Part of a codec to the limit on it."""


class PrintedLimit(NamedTuple):
    """A limit, the printed figure and the complete one, in the unit of the limit."""

    title: str
    limits: str
    limit: float
    unit: str
    printed: Fraction
    complete: Fraction
    """The figure with nothing left out."""

    @property
    def turns(self) -> bool:
        """Whether the printed figure keeps the limit and the complete one breaks it."""
        return self.printed <= self.limit < self.complete


def printed_limit(figure: FigureToExplain, limits: LimitSet) -> PrintedLimit | None:
    """Return the limit on a figure, as printed and as recomputed; None where there is none."""
    limit = getattr(limits, LIMITED.get(figure.part, ""), None)
    complete = value(figure, Reading())
    if limit is None or complete is None:
        return None
    written = CONVENTIONS[limits.convention]
    ratio = unit_ratio(written, figure.convention)
    printed = figure.published.value * ratio
    return PrintedLimit(figure.title, limits.title, limit, written.unit, printed, complete * ratio)


def unit_ratio(to: Convention, of: Convention) -> Fraction:
    """Return how many units of one convention make a unit of another, by what a MAC is."""
    return Fraction(to.flops_per_mac, of.flops_per_mac)
