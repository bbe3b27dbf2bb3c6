"""The limit on the sample rate: the one that is allowed."""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.ledger.row import Ledger
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status


def _check(evidence: Evidence, limit: int) -> Check:
    value = evidence.ledger.sample_rate_hz
    status: Status = "pass" if value == limit else "fail"
    return Check(SAMPLE_RATE.id, limit, value, abs(limit - value), status, "Hz")


def _remedies(check: Check, _: Evidence, __: Ledger | None) -> Iterator[str]:
    yield f"design the codec for {check.limit:g} Hz"


SAMPLE_RATE = LimitKind("sample_rate_hz", _check, _remedies)
