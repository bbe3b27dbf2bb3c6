"""Run a target under fvcore at several lengths, and derive the cost of one more hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from lrac_audit.ledger.row import Side, Stage
from lrac_audit.witness.fvcore.graph import StageModule, analyse, warnings_hidden
from lrac_audit.witness.isolation import all_operators_dispatched, attributes_restored
from lrac_audit.witness.target import (
    LENGTHS_IN_HOPS,
    AuditTarget,
    TargetMode,
    random_audio,
    signal_stages,
)

NOTE = (
    "fvcore calls a multiply-accumulate a flop; these are multiply-accumulates. It sees no masks, "
    "so attention counts for every pair of frames."
)

SHORT_LENGTHS = (6, 7, 8)
"""Lengths in hops to try first, since fvcore really computes what it counts. They reveal what
happens once in 2 to 6 hops: its count is not in proportion to these lengths, because neighbours
have no common divisor."""

Place = tuple[Side, Stage, str]
"""Side, stage and path of a module; the path is empty for what happens in no module."""


@dataclass(frozen=True)
class FvcoreCount:
    """Multiply-accumulates per hop, in the steady state of a stream."""

    macs_by_module: Mapping[Place, int]
    """The work of each module itself, without the modules in it; modules that do nothing are left
    out."""
    macs_by_stage: Mapping[tuple[Side, Stage], int]
    unsupported: Mapping[tuple[Side, Stage], Mapping[str, int]]
    """Operators that neither fvcore nor a handler knows: name to calls in the shortest clip that
    was run."""
    unbounded: tuple[Place, ...]
    """Modules whose cost is not in proportion to the length, and is therefore not given."""
    note: str = NOTE


def measure(target: AuditTarget, mode: TargetMode | None) -> FvcoreCount:
    """Let fvcore count what ``target`` does in ``mode``.

    Raises:
        ModuleNotFoundError: fvcore is not installed.
        Exception: whatever the modules of the target raise.
    """
    lengths, counts = _counts(target, mode)
    by_module: dict[Place, int] = {}
    by_stage: Counter[tuple[Side, Stage]] = Counter()
    unbounded = []
    for place in dict.fromkeys(place for count in counts for place in count.macs):
        macs = _per_hop(lengths, [count.macs[place] for count in counts])
        if macs is None:
            unbounded.append(place)
        elif macs > 0:
            by_module[place] = macs
            by_stage[place[:2]] += macs
    unsupported = next(count.unsupported for count in counts if count is not NOTHING)
    return FvcoreCount(by_module, dict(by_stage), unsupported, tuple(unbounded))


class ClipCount(NamedTuple):
    """The counts of one clip."""

    macs: Counter[Place]
    unsupported: dict[tuple[Side, Stage], Mapping[str, int]]


NOTHING = ClipCount(Counter(), {})
"""The counts of a clip of no hops, if everything is in proportion to the length."""


def _per_hop(lengths: Sequence[int], macs: Sequence[int]) -> int | None:
    """Return the cost of one more hop; None if it is not the same everywhere."""
    pairs = zip(pairwise(lengths), pairwise(macs), strict=True)
    rates = {Fraction(more - less, long - short) for (short, long), (less, more) in pairs}
    rate = rates.pop()
    return int(rate) if not rates and rate.denominator == 1 else None


def _counts(target: AuditTarget, mode: TargetMode | None) -> tuple[Sequence[int], list[ClipCount]]:
    """Return the first lengths at which every module settles, with their counts.

    If none settles, these are the last lengths that ran. The third of three lengths is left out
    where everything is in proportion to the first two.

    Raises:
        Exception: the target runs at none of them; this is what it raised at the longest.
    """
    for lengths in (SHORT_LENGTHS, *LENGTHS_IN_HOPS):
        try:
            counts = [_count(target, mode, hops) for hops in lengths[:2]]
            from_nothing = (0, *lengths[:2]), [NOTHING, *counts]
            if _is_settled(*from_nothing):
                return from_nothing
            counts.append(_count(target, mode, lengths[2]))
        except Exception:  # too short, say
            if lengths == LENGTHS_IN_HOPS[-1]:
                raise
            continue
        if lengths != SHORT_LENGTHS or _is_settled(lengths, counts):
            break
    return lengths, counts


def _is_settled(lengths: Sequence[int], counts: Sequence[ClipCount]) -> bool:
    """Return whether the work of every module is in proportion to these lengths, and grows.

    Work that does not grow may happen once in more hops than these.
    """
    places = {place for count in counts for place, macs in count.macs.items() if macs}
    return all(_per_hop(lengths, [count.macs[place] for count in counts]) for place in places)


def _count(target: AuditTarget, mode: TargetMode | None, hops: int) -> ClipCount:
    """Count the MACs of a clip of ``hops`` hops by place, and the unknown operators by stage."""
    found = ClipCount(Counter(), {})
    value: Any = random_audio(target, hops, on_meta=False)
    with all_operators_dispatched(), attributes_restored(target), warnings_hidden():
        for side, stage, step in signal_stages(target, mode):
            whole = StageModule(target.root, step)
            analysis = analyse(whole, value)
            for path, macs in _own(analysis.by_module()).items():
                found.macs[side, stage, path] += macs
            unknown = dict(analysis.unsupported_ops())
            if unknown:
                found.unsupported[side, stage] = unknown
            value = whole.result
    return found


def _own(totals: Mapping[str, int]) -> Counter[str]:
    """Return what each module does itself, by path, without the modules in it."""
    own: Counter[str] = Counter()
    for name, macs in totals.items():
        own[_path(name)] += int(macs)
        if name:
            own[_path(name.rpartition(".")[0])] -= int(macs)
    return own


def _path(name: str) -> str:
    """Return the name that the root of the target has for a module of :class:`StageModule`."""
    return name.removeprefix("root").removeprefix(".")
