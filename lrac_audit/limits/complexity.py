"""The limits on operations per second: both sides together, also in MACs, and the receive side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.ledger.totals import Part, Totals
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status

KERNEL_REMEDIES = 2
"""Maximum number of shorter kernels that are advised."""


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


def _remedies(
    check: Check, evidence: Evidence, absorbed: Ledger | None, *, part: Part
) -> Iterator[str]:
    """Yield absorption if it helps, the shortest kernels that suffice, or narrower widths."""
    assert isinstance(check.limit, int | float) and isinstance(check.value, int | float)
    ledger, convention = evidence.ledger, evidence.convention
    if absorbed is not None:
        price = Totals(absorbed).cost(part, convention).price_per_frame
        value = absorbed.millions_per_second(price)
        word = "within the limit" if value <= check.limit else "still over it"
        if value < check.value:
            yield f"absorb the output projections: {value:g} {check.unit}, {word}"
    excess = check.value - check.limit
    rows = [row for row in ledger.rows if part == "overall" or row.side == "receive"]
    kernels = sorted(found for row in rows if (found := _shorter_kernel(row, evidence, excess)))
    yield from (text for _, text in kernels[:KERNEL_REMEDIES])
    if not kernels:
        width = math.floor(100 * math.sqrt(check.limit / check.value))
        yield f"no single kernel is enough; widths of about {width} % everywhere would be"


def _shorter_kernel(row: Row, evidence: Evidence, excess: float) -> tuple[float, str] | None:
    """Return the least shortening of one kernel that saves ``excess``: share removed, and a text.

    None where the layer has no kernel to shorten, or would no longer reach its stride.
    """
    kernel, convention = row.geometry.kernel, evidence.convention
    if row.op not in ("conv", "transposed_conv") or kernel == 1:
        return None
    per_tap = evidence.ledger.millions_per_second(convention.price(row.work)) / kernel
    if per_tap == 0:
        return None
    taps = max(1, math.ceil(excess / per_tap))
    reach = (kernel - taps - 1) * row.geometry.dilation + 1
    if kernel - taps < 1 or reach < row.geometry.stride:
        return None
    saved = taps * per_tap
    text = f"kernel {kernel} to {kernel - taps} in {row.name}: {saved:g} {convention.unit} less"
    return taps / kernel, text


def _kind(check_id: str, part: Part) -> LimitKind:
    return LimitKind(
        check_id,
        partial(_check, check_id=check_id, part=part),
        partial(_remedies, part=part),
    )


OVERALL = _kind("overall_mflops", "overall")
RECEIVE = _kind("receive_mflops", "receive")


def _macs_remedies(check: Check, evidence: Evidence, absorbed: Ledger | None) -> Iterator[str]:
    counted = evidence._replace(convention=CONVENTIONS["macs"])
    return _remedies(check, counted, absorbed, part="overall")


OVERALL_MACS = LimitKind("overall_mmacs_per_s", _check_macs, _macs_remedies)
