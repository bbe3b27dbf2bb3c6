"""The limits on the sample rate: the one that is allowed, or a choice of several."""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.limits.check import Check, Evidence, LimitKind, Status


def _check(evidence: Evidence, limit: int) -> Check:
    value = evidence.ledger.sample_rate_hz
    status: Status = "pass" if value == limit else "fail"
    return Check(SAMPLE_RATE.id, limit, value, abs(limit - value), status, "Hz")


def _shortfall(check: Check, _: Evidence) -> Iterator[str]:
    yield f"design the codec for {check.limit:g} Hz"


def _check_choice(evidence: Evidence, limits: tuple[int, ...]) -> Check:
    value = evidence.ledger.sample_rate_hz
    distance = min(abs(limit - value) for limit in limits)
    status: Status = "pass" if distance == 0 else "fail"
    return Check(SAMPLE_RATES.id, limits, value, distance, status, "Hz")


def _choice_shortfall(check: Check, _: Evidence) -> Iterator[str]:
    assert isinstance(check.limit, tuple)
    yield f"design the codec for one of {', '.join(f'{rate:g}' for rate in check.limit)} Hz"


SAMPLE_RATE = LimitKind("sample_rate_hz", _check, _shortfall, is_budget=False)
SAMPLE_RATES = LimitKind("sample_rates_hz", _check_choice, _choice_shortfall, is_budget=False)
