"""The limits on operations per second: both sides together, and the receive side alone."""

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
    status: Status = "pass" if value <= limit else "fail"
    if status == "pass" and (totals.unknown_kinds(convention) or totals.problems):
        status = "incomplete"
    return Check(check_id, limit, value, limit - value, status, convention.unit)


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
