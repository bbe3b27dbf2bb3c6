"""Judging a ledger against a limit set."""

from __future__ import annotations

from typing import Literal, NamedTuple

from lrac_audit.ledger.conventions import CONVENTIONS, Convention
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Part, Totals
from lrac_audit.limits.limit_set import LimitSet

Status = Literal["pass", "fail", "incomplete"]
CheckId = Literal[
    "overall_mflops", "receive_mflops", "total_latency_ms", "sample_rate_hz", "bitrates_kbps"
]


class Check(NamedTuple):
    """One limit and how the codec stands to it."""

    id: CheckId
    limit: float | tuple[float, ...]
    value: float | tuple[float | None, ...] | None
    """Of ``bitrates_kbps``: for each limit the highest bitrate within it, or None. None where the
    value is not known, or no number bounds it."""
    margin: float | tuple[float | None, ...] | None
    """Limit minus value; of ``sample_rate_hz`` the distance, which must be zero."""
    status: Status
    unit: str


class Verdict(NamedTuple):
    """All checks of one limit set, in one convention."""

    limits: LimitSet
    convention: Convention
    checks: tuple[Check, ...]
    doubts: tuple[str, ...] = ()
    """Where witnesses disagree: then no check proves anything."""

    @property
    def status(self) -> Status:
        """``fail`` where a limit is broken, else ``incomplete`` where something is not known.

        With any doubt it is ``incomplete``.
        """
        if self.doubts:
            return "incomplete"
        found = {check.status for check in self.checks}
        return "fail" if "fail" in found else "incomplete" if "incomplete" in found else "pass"


def judge(
    ledger: Ledger,
    totals: Totals,
    limits: LimitSet,
    convention: Convention,
    doubts: tuple[str, ...] = (),
) -> Verdict:
    """The verdict on ``ledger`` when its work is counted by ``convention``.

    Limits written in floating-point operations are restated in ``convention``'s unit: at one
    operation a MAC, half of a limit that was written at two.
    """
    checks = [
        check
        for check in (
            _complexity("overall_mflops", "overall", ledger, totals, limits, convention),
            _complexity("receive_mflops", "receive", ledger, totals, limits, convention),
            _total_latency(ledger, limits),
            _sample_rate(ledger, limits),
            _bitrates(ledger, limits),
        )
        if check is not None
    ]
    return Verdict(limits, convention, tuple(checks), doubts)


def other_verdicts(ledger: Ledger, totals: Totals, verdict: Verdict) -> list[Verdict]:
    """The verdicts under every other convention that differ from ``verdict``."""
    others = [
        judge(ledger, totals, verdict.limits, convention, verdict.doubts)
        for convention in CONVENTIONS.values()
        if convention is not verdict.convention
    ]
    return [other for other in others if other.status != verdict.status]


def _complexity(
    check_id: Literal["overall_mflops", "receive_mflops"],
    part: Part,
    ledger: Ledger,
    totals: Totals,
    limits: LimitSet,
    convention: Convention,
) -> Check | None:
    written = limits.overall_mflops if part == "overall" else limits.receive_mflops
    if written is None:
        return None
    limit = written * convention.flops_per_mac / CONVENTIONS[limits.convention].flops_per_mac
    if part == "receive" and not ledger.is_divided:
        return Check(check_id, limit, None, None, "incomplete", convention.unit)
    value = ledger.millions_per_second(totals.cost(part, convention).price_per_frame)
    status: Status = "pass" if value <= limit else "fail"
    if status == "pass" and (totals.unknown_kinds(convention) or totals.problems):
        status = "incomplete"
    return Check(check_id, limit, value, limit - value, status, convention.unit)


def _total_latency(ledger: Ledger, limits: LimitSet) -> Check | None:
    limit = limits.total_latency_ms
    if limit is None:
        return None
    samples = latency(ledger).total_samples
    if samples is None:
        return Check("total_latency_ms", limit, None, None, "incomplete", "ms")
    value = ledger.milliseconds(samples)
    return Check(
        "total_latency_ms", limit, value, limit - value, "pass" if value <= limit else "fail", "ms"
    )


def _sample_rate(ledger: Ledger, limits: LimitSet) -> Check | None:
    limit, value = limits.sample_rate_hz, ledger.sample_rate_hz
    if limit is None:
        return None
    status: Status = "pass" if value == limit else "fail"
    return Check("sample_rate_hz", limit, value, abs(limit - value), status, "Hz")


def _bitrates(ledger: Ledger, limits: LimitSet) -> Check | None:
    if not limits.bitrates_kbps:
        return None
    if not ledger.bitrates_kbps:
        return Check("bitrates_kbps", limits.bitrates_kbps, None, None, "incomplete", "kbps")
    values = tuple(
        max((rate for rate in ledger.bitrates_kbps if rate <= limit), default=None)
        for limit in limits.bitrates_kbps
    )
    margins = tuple(
        None if value is None else limit - value
        for limit, value in zip(limits.bitrates_kbps, values, strict=True)
    )
    status: Status = "fail" if None in values else "pass"
    return Check("bitrates_kbps", limits.bitrates_kbps, values, margins, status, "kbps")
