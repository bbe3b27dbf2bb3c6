"""Run a target under fvcore at several lengths, and derive the cost of one more hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import nn

from lrac_audit.ledger.row import Side, Stage
from lrac_audit.witness.fvcore.graph import StageModule, analyse, warnings_hidden
from lrac_audit.witness.isolation import (
    all_operators_dispatched,
    attributes_restored,
    restored,
)
from lrac_audit.witness.model_state import ModelState
from lrac_audit.witness.target import (
    AuditTarget,
    TargetMode,
    random_audio,
    signal_stages,
)
from lrac_audit.witness.trace.module_tracking import SMALL_BUFFER_VALUES, stored_tensors

NOTE = (
    "fvcore calls a multiply-accumulate a flop; these are multiply-accumulates. It sees no masks, "
    "so attention counts for every pair of frames."
)

SHORTEST = (7, 61, 331)
"""Lengths in hops to begin with, none of which the trace begins with; the longer ones are for
models that refuse short clips."""
FAR_PERIODS = (204, 5)
"""How many periods the longest clip is beyond the shortest: without values, and with them."""
LONGEST_HOPS = (8192, 128)
"""No clip is made longer than this: without values, and with them."""

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
    clips: Mapping[int, Mapping[tuple[Side, Stage], int]]
    """The multiply-accumulates of each clip that was run, by its length in hops."""
    note: str = NOTE


def measure(
    target: AuditTarget,
    mode: TargetMode | None,
    period_hops: int = 1,
    expected: Mapping[tuple[Side, Stage], int] | None = None,
) -> FvcoreCount:
    """Let fvcore count what ``target`` does in ``mode``.

    Args:
        target: the codec.
        mode: one of its modes; None for a codec without a quantizer.
        period_hops: hops after which it repeats the same work.
        expected: multiply-accumulates per hop that another witness found. A third clip, which
            shows costs that do not grow in proportion to the clip, is left out where the first
            two come to exactly these.

    Raises:
        ModuleNotFoundError: fvcore is not installed.
        Exception: whatever the modules of the target raise.
    """
    counts = _counts(target, mode, period_hops, expected)
    by_module: dict[Place, int] = {}
    by_stage: Counter[tuple[Side, Stage]] = Counter()
    unbounded = []
    for place in dict.fromkeys(place for count in counts.values() for place in count.macs):
        macs = _per_hop(list(counts), [count.macs[place] for count in counts.values()])
        if macs is None:
            unbounded.append(place)
        elif macs > 0:
            by_module[place] = macs
            by_stage[place[:2]] += macs
    unsupported = next(iter(counts.values())).unsupported
    clips = {hops: count.by_stage() for hops, count in counts.items()}
    return FvcoreCount(by_module, dict(by_stage), unsupported, tuple(unbounded), clips)


class ClipCount(NamedTuple):
    """The counts of one clip."""

    macs: Counter[Place]
    unsupported: dict[tuple[Side, Stage], Mapping[str, int]]

    def by_stage(self) -> Counter[tuple[Side, Stage]]:
        """Return the multiply-accumulates of each stage."""
        sums: Counter[tuple[Side, Stage]] = Counter()
        for (side, stage, _), macs in self.macs.items():
            sums[side, stage] += macs
        return sums


def _per_hop(lengths: Sequence[int], macs: Sequence[int]) -> int | None:
    """Return the cost of one more hop; None if it is not the same everywhere."""
    pairs = zip(pairwise(lengths), pairwise(macs), strict=True)
    rates = {Fraction(more - less, long - short) for (short, long), (less, more) in pairs}
    rate = rates.pop()
    return int(rate) if not rates and rate.denominator == 1 else None


def _counts(
    target: AuditTarget,
    mode: TargetMode | None,
    period_hops: int,
    expected: Mapping[tuple[Side, Stage], int] | None,
) -> dict[int, ClipCount]:
    """Return the counts of three clips, by length, which are whole periods apart.

    The one in the middle is left out where the other two confirm what is ``expected``.

    Raises:
        Exception: the target runs at no lengths; this is what it raised at the last.
    """
    failure: Exception = ValueError(f"no clip of whole periods of {period_hops} hops is in reach")
    for on_meta, far, longest in zip((True, False), FAR_PERIODS, LONGEST_HOPS, strict=True):
        for shortest in SHORTEST:
            start = -(-shortest // period_hops) * period_hops
            middle, end = (start + n * period_hops for n in (1, max(far // period_hops, 3)))
            if end > longest:
                continue
            try:
                with _model_prepared(target, on_meta):
                    count = partial(_count, target, mode, ModelState(target), on_meta)
                    found = {hops: count(hops) for hops in (start, end)}
                    if not _confirms(found, expected):
                        found[middle] = count(middle)
                    return dict(sorted(found.items()))
            except Exception as error:  # too short, say, or values are needed
                failure = error
    raise failure


def _confirms(
    found: Mapping[int, ClipCount], expected: Mapping[tuple[Side, Stage], int] | None
) -> bool:
    """Return whether the cost of one more hop, by two clips, is ``expected`` in every stage."""
    (short, few), (long, many) = found.items()
    before, after = few.by_stage(), many.by_stage()
    return expected is not None and all(
        after[place] - before[place] == (long - short) * expected.get(place, 0)
        for place in {*after, *expected}
    )


@contextmanager
def _model_prepared(target: AuditTarget, on_meta: bool) -> Iterator[None]:
    """Prepare the model of ``target`` for being counted: without its values if ``on_meta``."""
    with all_operators_dispatched(), attributes_restored(target), warnings_hidden():
        if on_meta:
            _take_values_out(target.root)
        yield


def _take_values_out(root: nn.Module) -> None:
    """Take the values out of the tensors of ``root``, except for small buffers.

    Those may be lengths and flags, which decide what is run.
    """
    kept = [
        (module._buffers, name, tensor)
        for module in root.modules()
        for name, tensor in module._buffers.items()
        if tensor is not None and tensor.numel() <= SMALL_BUFFER_VALUES
    ]
    stored_tensors(root, on_meta=True)
    for buffers, name, tensor in kept:
        buffers[name] = tensor


def _count(
    target: AuditTarget, mode: TargetMode | None, state: ModelState, on_meta: bool, hops: int
) -> ClipCount:
    """Count the MACs of a clip of ``hops`` hops by place, and the unknown operators by stage.

    What the clip changes in ``state`` is put back.
    """
    found = ClipCount(Counter(), {})
    with restored(state), torch.device("meta") if on_meta else nullcontext():
        value: Any = random_audio(target, hops, on_meta)
        for side, stage, step in signal_stages(target, mode):
            whole = StageModule(target.root, step, on_meta)
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
