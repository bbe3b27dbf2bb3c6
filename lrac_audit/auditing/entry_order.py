"""The figures of entries, and their order by one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.entries import Entry, entries_of
from lrac_audit.auditing.variants import CountedLedger
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.margins import tightest

OPTION = "--sort"
DESCENDING = "-"
"""Before the name of a column, puts the largest first."""


def mflops(audit: Audit, part: Part) -> float | None:
    """Return the cost of a part in millions of the convention's unit per second.

    None for a side of a codec that was measured whole.
    """
    if part != "overall" and not audit.ledger.is_divided:
        return None
    return CountedLedger(audit.ledger, audit.totals).mflops(part, audit.convention)


def latency_ms(audit: Audit) -> float | None:
    """Return the total latency; None where it has no bound, or none was found."""
    return audit.ledger.milliseconds_or_none(latency(audit.ledger).total_samples)


def margin_percent(audit: Audit) -> float | None:
    """Return the smallest margin in percent of its limit; None where no check has one.

    It is minus infinity where a limit is broken and no number says by how much.
    """
    found = tightest(audit.verdict.checks)
    return None if found is None else found.percent


def _margin(entry: Entry) -> float | None:
    margins = map(margin_percent, entry.judgements.values())
    return min((margin for margin in margins if margin is not None), default=None)


def _verdict(entry: Entry) -> str:
    """Return the worst verdict: of the words fail, incomplete and pass, the first."""
    return min(audit.verdict.status for audit in entry.judgements.values())


COLUMNS: Mapping[str, Callable[[Entry], float | str | None]] = MappingProxyType(
    {
        "margin": _margin,
        "target": lambda entry: entry.first.target.source,
        "bitrate": lambda entry: entry.first.ledger.mode.bitrate_kbps,
        "overall": lambda entry: mflops(entry.first, "overall"),
        "transmit": lambda entry: mflops(entry.first, "transmit"),
        "receive": lambda entry: mflops(entry.first, "receive"),
        "latency": lambda entry: latency_ms(entry.first),
        "verdict": _verdict,
    }
)
"""Columns that entries are sorted by: the smallest margin and the worst verdict of all judgements,
and the figures of the first."""


class Order(NamedTuple):
    """A column to sort entries by."""

    column: str
    """One of :data:`COLUMNS`."""
    largest_first: bool


def parse_order(text: str) -> Order:
    """Return the order that a text such as ``margin`` or ``-overall`` states.

    Raises:
        InputError: there is no such column.
    """
    column = text.removeprefix(DESCENDING)
    if column not in COLUMNS:
        allowed = one_of(COLUMNS, column, f", or one of them after {DESCENDING}, the largest first")
        raise InputError("options", [Problem(OPTION, shown(text), allowed)])
    return Order(column, column != text)


def ordered(audits: Sequence[Audit], order: Order) -> list[Audit]:
    """Return ``audits`` with their entries in this order; those without the figure come last."""
    valued = [(COLUMNS[order.column](entry), entry) for entry in entries_of(audits)]
    known = [each for each in valued if each[0] is not None]
    known.sort(key=itemgetter(0), reverse=order.largest_first)
    unknown = [each for each in valued if each[0] is None]
    return [audit for _, entry in (*known, *unknown) for audit in entry.judgements.values()]
