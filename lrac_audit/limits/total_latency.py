"""The limit on the total latency: buffering and look-ahead of both sides."""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.ledger.latency import first_of, latency, unbounded_rows
from lrac_audit.ledger.row import Row
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status, excess, largest


def _check(evidence: Evidence, limit: float) -> Check:
    """Judge the upper bound of the latency.

    That a design has none is known; of a measured codec none was found.
    """
    samples = latency(evidence.ledger).total_samples
    status: Status
    if samples is None:
        status = "incomplete" if evidence.ledger.measured else "fail"
        return Check(TOTAL_LATENCY.id, limit, None, None, status, "ms")
    value = evidence.ledger.milliseconds(samples)
    status = "pass" if value <= limit else "fail"
    shown = evidence.ledger.shown_latency_samples
    at_least = None if shown is None or shown >= samples else evidence.ledger.milliseconds(shown)
    return Check(TOTAL_LATENCY.id, limit, value, limit - value, status, "ms", at_least)


def _shortfall(check: Check, evidence: Evidence) -> Iterator[str]:
    """Yield how much look-ahead must go and which rows wait longest, or that the hop is long."""
    assert isinstance(check.limit, int | float)
    ledger = evidence.ledger
    found = latency(ledger)
    if found.total_samples is None:
        yield f"take out what waits for the end of the clip: {first_of(unbounded_rows(ledger))}"
        return
    buffering_ms = ledger.milliseconds(found.buffering_samples)
    if buffering_ms > check.limit:
        yield f"a hop of {buffering_ms:g} ms alone is over the limit; lower the strides"
        return
    most = largest(TOTAL_LATENCY, evidence)
    yield f"take out {excess(check):g} ms of look-ahead; most is in {most}"


def _delay_ms(row: Row, evidence: Evidence) -> float | None:
    return evidence.ledger.milliseconds_or_none(row.delay_samples)


TOTAL_LATENCY = LimitKind("total_latency_ms", _check, _shortfall, _delay_ms)
