"""Compare fvcore's counts with a ledger. What fvcore cannot count explains a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod

from lrac_audit.ledger.agreement import Finding, compared, label, macs_by, nearest
from lrac_audit.ledger.row import Ledger, Side, Stage
from lrac_audit.ledger.totals import part_of
from lrac_audit.witness.fvcore import FvcoreCount
from lrac_audit.witness.trace import Trace
from lrac_audit.witness.trace.formulas.formula_table import words

Place = tuple[Side, Stage]
PARABOLA = 3
"""Points that determine a parabola."""
SEEN = frozenset(
    f"aten.{name}"
    for name in words(
        """convolution mm bmm mv dot vdot addmm baddbmm addmv linear _cdist_forward
        _euclidean_dist _scaled_dot_product_flash_attention
        _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_efficient_attention
        _scaled_dot_product_cudnn_attention _scaled_dot_product_attention_math
        _scaled_dot_product_fused_attention_overrideable"""
    )
)
"""The operators that do the products of those operations that fvcore counts, by its own handlers or
those of this package. Products in other operators it does not see: spread tensors that are summed,
sums of shifted signals, norms of differences."""


def compare_stages(ledger: Ledger, fvcore_count: FvcoreCount, traced: Trace) -> Iterator[Finding]:
    """Yield the findings on the sums of the stages."""
    expected = macs_by(ledger.rows, part_of)
    found = {
        _part(ledger, place): macs for place, macs in fvcore_count.macs_by_stage.items() if macs
    }
    reasons = {
        _part(ledger, place): reason for place, reason in _reasons(fvcore_count, traced).items()
    }
    yield from compared("fvcore", "stage", "macs_per_frame", expected, found, reasons)


def compare_modules(
    ledger: Ledger,
    fvcore_count: FvcoreCount,
    traced: Trace,
    ledger_name: Callable[[str], str],
) -> Iterator[Finding]:
    """Yield the findings module by module, as far as fvcore tells modules apart.

    fvcore sees a module only where it is called; what a module does whose call is bypassed is
    counted with the caller. So each row is added to the nearest module that fvcore names, and a
    module inside a row, such as the cell of a recurrent layer, is added to that row.
    ``ledger_name`` gives the ledger's name of a module.
    """
    names = {(row.side, row.name) for row in ledger.rows}
    found: dict[tuple[Side, str], int] = {}
    reasons: dict[str, str] = {}
    by_stage = _reasons(fvcore_count, traced)
    for (side, stage, path), macs in fvcore_count.macs_by_module.items():
        place = side, nearest(side, ledger_name(path), names)
        found[place] = found.get(place, 0) + macs
        if (side, stage) in by_stage:
            reasons[label(*place)] = by_stage[side, stage]
    expected = macs_by(
        ledger.rows, lambda row: label(row.side, nearest(row.side, row.name, found.keys()))
    )
    told = {label(*place): macs for place, macs in found.items()}
    yield from compared("fvcore", "module", "macs_per_frame", expected, told, reasons)


def _part(ledger: Ledger, place: Place) -> str:
    if not ledger.is_divided:
        return "undivided"
    side, stage = place
    return f"rvq_{side}" if stage == "rvq" else stage


def _reasons(fvcore_count: FvcoreCount, traced: Trace) -> Mapping[Place, str]:
    """Return, for each stage, what fvcore cannot see there, if that is exactly the difference."""
    reasons = {}
    for place in {(side, stage) for side, stage, _ in traced.macs_by_operator}:
        found = _without_masks if _is_unbounded(fvcore_count, place) else _without_unseen
        reason = found(fvcore_count, traced, place)
        if reason:
            reasons[place] = reason
    return reasons


def _is_unbounded(fvcore_count: FvcoreCount, place: Place) -> bool:
    return any((side, stage) == place for side, stage, _ in fvcore_count.unbounded)


def _without_unseen(fvcore_count: FvcoreCount, traced: Trace, place: Place) -> str:
    """Return the products that fvcore does not see, and those of constants, which it does see.

    Nothing if they are not the difference.
    """
    by_operator = {
        operator: macs
        for (side, stage, operator), macs in traced.macs_by_operator.items()
        if (side, stage) == place and macs
    }
    unseen = {name: macs for name, macs in by_operator.items() if name not in SEEN}
    seen = sum(by_operator.values()) - sum(unseen.values())
    constants = _constants_per_hop(traced, place)
    if fvcore_count.macs_by_stage.get(place, 0) != seen + constants:
        return ""
    names = ", ".join(f"{macs:,} in {name}" for name, macs in sorted(unseen.items()))
    reasons = [f"fvcore sees no products in these operators: {names}"] if unseen else []
    if constants:
        reasons.append(f"fvcore counts {constants} in products of constants, which are paid once")
    return "; ".join(reasons)


def _constants_per_hop(traced: Trace, place: Place) -> Fraction:
    """Return how fast the products of constants that fvcore sees grow with the clip."""
    clips = sorted(
        (hops, sum(n for (*at, name), n in macs.items() if (*at,) == place and name in SEEN))
        for hops, macs in traced.constant_clips.items()
    )
    (short, few), (long, many) = clips[0], clips[-1]
    return Fraction(many - few, long - short) if long > short else Fraction(0)


def _without_masks(fvcore_count: FvcoreCount, traced: Trace, place: Place) -> str:
    """Return that fvcore sees no masks; nothing if it does not count what is there without masks.

    Without masks the clips of the trace lie on a parabola, and fvcore's clips must lie there too.
    """
    known = [
        (hops, sum(n for (*at, name), n in macs.items() if (*at,) == place and name in SEEN))
        for hops, macs in sorted(traced.unmasked_clips.items())
    ]
    if len(known) < PARABOLA:
        return ""
    for hops, macs in fvcore_count.clips.items():
        if _on_parabola(known[:PARABOLA], hops) != macs.get(place, 0):
            return ""
    return "fvcore sees no masks, and counts what the trace counts without them"


def _on_parabola(points: Sequence[tuple[int, int]], at: int) -> Fraction:
    """Return the value at ``at`` of the parabola through three points."""
    value = Fraction(0)
    for x, y in points:
        others = [other for other, _ in points if other != x]
        value += y * prod(Fraction(at - other, x - other) for other in others)
    return value
