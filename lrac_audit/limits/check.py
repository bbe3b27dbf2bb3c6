"""Checks of limits, and the interface of a kind of limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.limit_set import LimitSet

SHOWN_ROWS = 3
"""How many of the rows that have most of a value are named."""
Status = Literal["pass", "fail", "incomplete"]


class Check(NamedTuple):
    """The result of checking one limit."""

    id: str
    """Field of the limit set."""
    limit: float | tuple[float, ...]
    value: float | tuple[float | None, ...] | None
    """The codec's value; None where it is not known, or no number bounds it. For
    ``bitrates_kbps``, the highest bitrate within each limit, or None."""
    margin: float | tuple[float | None, ...] | None
    """Limit minus value; for ``sample_rate_hz`` the distance, which must be zero."""
    status: Status
    unit: str
    at_least: float | None = None
    """A lower bound of the true value, where ``value`` is an upper bound and more than that; a
    value that is known exactly has none."""


class Evidence(NamedTuple):
    """A ledger, and the terms on which it is judged."""

    ledger: Ledger
    totals: Totals
    limits: LimitSet
    convention: Convention
    """The convention that the work is counted by; the limits may be written in another."""


class LimitKind(NamedTuple):
    """One kind of limit: its check, and the statement of how much of the codec is over it."""

    id: str
    """Field of :class:`LimitSet`, and id of the check."""
    check: Callable[[Evidence, Any], Check]
    """Checks the evidence against the value of the field, which is not None or empty."""
    shortfall: Callable[[Check, Evidence], Iterator[str]]
    """Yields how much must go, and where most of it is, for a limit that is broken."""
    amount: Callable[[Row, Evidence], float | None] | None = None
    """Returns the part of the value that a row has, in the unit of the check, or None where that
    has no bound. None where the value is no sum over rows."""
    is_budget: bool = True
    """Whether it is the most that may be spent; False where a value must be met, so that nothing is
    left over."""


class RowAmount(NamedTuple):
    """The part of the value of a check that a row has."""

    row: Row
    amount: float
    """In the unit of the check."""


def amounts(kind: LimitKind, evidence: Evidence) -> list[RowAmount]:
    """Return the bounded part of the value of a check that each row has, the largest first.

    Rows that have none are left out.
    """
    if kind.amount is None:
        return []
    each = ((row, kind.amount(row, evidence)) for row in evidence.ledger.rows)
    found = [RowAmount(row, amount) for row, amount in each if amount]
    return sorted(found, key=lambda one: -one.amount)


def largest(kind: LimitKind, evidence: Evidence) -> str:
    """Return the names of the rows with the largest parts, each with its part."""
    parts = amounts(kind, evidence)[:SHOWN_ROWS]
    return ", ".join(f"{one.row.name} {one.amount:g}" for one in parts)


def excess(check: Check) -> float:
    """Return how far the value of a broken check is over its limit."""
    assert isinstance(check.limit, int | float) and isinstance(check.value, int | float)
    return check.value - check.limit
