"""The limits on operations per second: both sides together, also in MACs, and the receive side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Row
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status, excess, largest


def _check(evidence: Evidence, written: float, *, check_id: str, part: Part) -> Check:
    """Check ``part``; a limit written at 2 FLOPs per MAC is halved where MACs are counted."""
    ledger, totals, limits, convention = evidence
    limit = written * convention.flops_per_mac / CONVENTIONS[limits.convention].flops_per_mac
    if part == "receive" and not ledger.is_divided:
        return Check(check_id, limit, None, None, "incomplete", convention.unit)
    value = ledger.millions_per_second(totals.cost(part, convention).price_per_frame)
    status = _status(value <= limit, evidence)
    return Check(check_id, limit, value, limit - value, status, convention.unit)


def _check_macs(evidence: Evidence, limit: float) -> Check:
    """Check the multiply-accumulates of both sides, which no convention prices otherwise."""
    ledger, totals, _, convention = evidence
    value = ledger.millions_per_second(totals.cost("overall", convention).macs_per_frame)
    status = _status(value <= limit, evidence)
    return Check(OVERALL_MACS.id, limit, value, limit - value, status, "MMAC/s")


def _status(within: bool, evidence: Evidence) -> Status:
    """Return the status of a total, which proves nothing within its limit if work is not known."""
    if not within:
        return "fail"
    unknown = evidence.totals.unknown_kinds(evidence.convention) or evidence.totals.problems
    return "incomplete" if unknown else "pass"


def _shortfall(check: Check, evidence: Evidence, *, kind_id: str) -> Iterator[str]:
    """Yield how much must go, and the rows that cost most of what the limit is about."""
    over = excess(check)
    assert isinstance(check.value, float)
    most = largest(_KINDS[kind_id], evidence)
    yield f"take out {over:g} {check.unit}, {100 * over / check.value:.1f} %; most is in {most}"


def _price(row: Row, evidence: Evidence, *, part: Part) -> float:
    if part == "receive" and row.side != "receive":
        return 0
    return evidence.ledger.millions_per_second(evidence.convention.price(row.work))


def _macs(row: Row, evidence: Evidence) -> float:
    return evidence.ledger.millions_per_second(row.macs_per_frame)


def _kind(check_id: str, part: Part) -> LimitKind:
    return LimitKind(
        check_id,
        partial(_check, check_id=check_id, part=part),
        partial(_shortfall, kind_id=check_id),
        partial(_price, part=part),
    )


OVERALL = _kind("overall_mflops", "overall")
RECEIVE = _kind("receive_mflops", "receive")
OVERALL_MACS = LimitKind(
    "overall_mmacs_per_s",
    _check_macs,
    partial(_shortfall, kind_id="overall_mmacs_per_s"),
    _macs,
)
_KINDS = {kind.id: kind for kind in (OVERALL, RECEIVE, OVERALL_MACS)}
