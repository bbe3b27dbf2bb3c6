"""Advice on a verdict: the layers that cost most, and what would mend a broken limit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row, RvqForm
from lrac_audit.limits.check import Check, Evidence
from lrac_audit.limits.registry import CHECK_KINDS

if TYPE_CHECKING:
    from lrac_audit.design.addresses import Address

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


class Remedy(NamedTuple):
    """Advice on a broken limit."""

    text: str
    """What to do, or how much must go, as a sentence."""
    changes: Mapping[Address, Any] = MappingProxyType({})
    """Fields of the design to change, all of them, by their addresses; none for a statement of how
    much must go."""
    rvq: RvqForm | None = None
    """The form of the quantizer to run, where it is another."""

    @property
    def is_change(self) -> bool:
        """Whether it is a change that was audited, and makes every limit of the set kept."""
        return bool(self.changes) or self.rvq is not None


def shortfalls(check: Check, evidence: Evidence) -> list[Remedy]:
    """Return how much must go for a broken limit, and where most of it is."""
    return [Remedy(text) for text in CHECK_KINDS[check.id].shortfall(check, evidence)]
