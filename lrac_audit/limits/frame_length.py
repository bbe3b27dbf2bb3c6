"""The limit on the frame length, which must be a multiple of a given duration."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lrac_audit.limits.check import Check, Evidence, LimitKind, Status


def _check(evidence: Evidence, multiple_ms: float) -> Check:
    """Check that the frame is a whole number of ``multiple_ms``; the margin is the distance."""
    ledger = evidence.ledger
    frame = Fraction(ledger.hop_samples * 1000, ledger.sample_rate_hz)
    unit = Fraction(str(multiple_ms))
    distance = abs(frame - _nearest_multiple(frame, unit))
    status: Status = "fail" if distance else "pass"
    return Check(FRAME_LENGTH.id, multiple_ms, float(frame), float(distance), status, "ms")


def _nearest_multiple(frame: Fraction, unit: Fraction) -> Fraction:
    return max(round(frame / unit), 1) * unit


def _shortfall(check: Check, evidence: Evidence) -> Iterator[str]:
    """Yield the nearest frame that is allowed, where it is a whole number of samples."""
    assert isinstance(check.limit, int | float) and isinstance(check.value, int | float)
    nearest = _nearest_multiple(Fraction(check.value), Fraction(str(check.limit)))
    samples = nearest * evidence.ledger.sample_rate_hz / 1000
    text = f", {samples} samples" if samples.denominator == 1 else ""
    yield f"use a frame of {float(nearest):g} ms{text}"


FRAME_LENGTH = LimitKind("frame_multiple_ms", _check, _shortfall, is_budget=False)
