"""Advice on a verdict: the layers that cost most, and changes that would mend a broken limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.limits.check import Check, Evidence
from lrac_audit.limits.registry import CHECK_KINDS

TOP_LAYERS = 3


class LayerCost(NamedTuple):
    """A row and its cost."""

    row: Row
    mflops: float
    """In millions of the convention's unit per second."""


def most_costly(ledger: Ledger, convention: Convention, count: int = TOP_LAYERS) -> list[LayerCost]:
    """Return the rows that cost most, the dearest first."""
    rows = sorted(ledger.rows, key=lambda row: convention.price(row.work), reverse=True)[:count]
    return [LayerCost(row, ledger.millions_per_second(convention.price(row.work))) for row in rows]


def remedies(check: Check, evidence: Evidence, absorbed: Ledger | None) -> Iterator[str]:
    """Return changes, each of which alone would mend a broken limit, the smallest first.

    Args:
        check: The broken limit.
        evidence: The ledger that was judged, and the terms on which it was.
        absorbed: The same codec with its output projections absorbed, when it is not already.
    """
    return CHECK_KINDS[check.id].remedies(check, evidence, absorbed)
