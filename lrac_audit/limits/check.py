"""Checks of limits, and the interface of a kind of limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.limit_set import LimitSet

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
    """One kind of limit: its check, and the changes that mend a design that breaks it."""

    id: str
    """Field of :class:`LimitSet`, and id of the check."""
    check: Callable[[Evidence, Any], Check]
    """Checks the evidence against the value of the field, which is not None or empty."""
    remedies: Callable[[Check, Evidence, Ledger | None], Iterator[str]]
    """Yields changes, each of which alone would mend a broken limit, the smallest first. The last
    argument is the same codec with its output projections absorbed, where it is not already."""
    is_budget: bool = True
    """Whether it is the most that may be spent; False where a value must be met, so that nothing is
    left over."""
