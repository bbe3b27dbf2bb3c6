"""The limit on the total latency: buffering and look-ahead of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrac_audit.ledger.latency import first_of, latency, unbounded_rows
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status

SINGLE_REMEDIES = 2
"""Maximum number of layers that are advised, each of which is enough alone."""


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


def _remedies(check: Check, evidence: Evidence, _: Ledger | None) -> Iterator[str]:
    """Yield layers whose look-ahead alone covers the excess, else the fewest that together do."""
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
    excess_samples = found.total_samples - check.limit * ledger.sample_rate_hz / 1000
    waiting = sorted((row for row in ledger.rows if row.delay_samples), key=_delay_samples)
    enough = [row for row in waiting if _delay_samples(row) >= excess_samples]
    chosen = [[row] for row in enough[:SINGLE_REMEDIES]] or [_fewest(waiting, excess_samples)]
    for rows in chosen:
        saved_ms = ledger.milliseconds(sum(map(_delay_samples, rows)))
        yield f"{_without_look_ahead(rows)}: {saved_ms:g} ms less"


def _fewest(waiting: Sequence[Row], excess_samples: float) -> list[Row]:
    """Return the rows with the largest delays that together reach ``excess_samples``."""
    chosen: list[Row] = []
    for row in reversed(waiting):
        if sum(map(_delay_samples, chosen)) < excess_samples:
            chosen.append(row)
    return chosen


def _delay_samples(row: Row) -> int:
    return row.delay_samples or 0


def _without_look_ahead(rows: Sequence[Row]) -> str:
    """Return the change that takes the look-ahead out of ``rows``, as a text."""
    convs = [row.name for row in rows if row.op == "conv"]
    ups = [row.name for row in rows if row.op == "transposed_conv"]
    others = [row.name for row in rows if row.op not in ("conv", "transposed_conv")]
    words = [f"make {', '.join(convs)} causal"] if convs else []
    words += [f"trim {', '.join(ups)} on the right"] if ups else []
    words += [f"take the look-ahead out of {', '.join(others)}"] if others else []
    return " and ".join(words)


TOTAL_LATENCY = LimitKind("total_latency_ms", _check, _remedies)
