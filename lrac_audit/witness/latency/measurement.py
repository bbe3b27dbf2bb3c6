"""Measure the delay of a codec by two independent bounds.

The upper bound is the dependency that a traced run shows; it is the figure that is judged. The
lower bound is what changes of the input are seen to change.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn.utils import parametrize

from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import attributes_restored, one_thread, tensors_restored
from lrac_audit.witness.latency.critical_clip import critical_clip
from lrac_audit.witness.latency.lower_bound import LowerBound, lower_bound
from lrac_audit.witness.latency.measured_latency import MeasuredLatency, SideLatency
from lrac_audit.witness.latency.sections import codec_section, latent_of
from lrac_audit.witness.latency.sides import SplitDelay, divided, unbounded, undivided
from lrac_audit.witness.latency.timed_trace import TimedTrace, timed_trace
from lrac_audit.witness.latency.upper_bound import UpperBound, past_samples, upper_bound
from lrac_audit.witness.packages import raised
from lrac_audit.witness.target import AuditTarget, TargetMode


def measure(
    target: AuditTarget, mode: TargetMode | None = None, *, progress: Progress | None = None
) -> MeasuredLatency:
    """Measure how far ``target`` looks ahead; with ``mode``, its quantizer included.

    Every tensor and attribute of the target is afterwards as it was. What its code raises is
    passed on.
    """
    tell = progress or tell_nobody
    tell("tracing what each output sample depends on")
    with one_thread(), tensors_restored(target.root), attributes_restored(target.root):
        timed = timed_trace(codec_section(target, mode))
        bound = upper_bound(timed)
        split = _split(timed, bound)
    latent = latent_of(timed)
    shown = LowerBound(None, "")
    problems = [*_remarks(timed, bound)]
    if bound.critical is not None and not bound.whole_clip:
        tell("showing the effect of the latest input")
        shown, refusals = _shown(target.narrow or target, mode, timed, bound)
        problems += refusals
    return MeasuredLatency(
        buffering_samples=split.buffering_samples,
        transmit=split.transmit,
        receive=split.receive,
        past_samples=None if latent is None else past_samples(timed, timed.trace.stage_results[0][0]),
        lower_total_samples=shown.total_samples,
        parting=shown.stage,
        problems=tuple(dict.fromkeys(problems)),
    )


def _split(timed: TimedTrace, bound: UpperBound) -> SplitDelay:
    latent = latent_of(timed)
    if bound.critical is None:
        unknown = SideLatency(None, (), ())
        hop = timed.section.target.hop_samples
        return SplitDelay(hop, unknown, None if latent is None else unknown)
    if bound.whole_clip:
        return unbounded(timed, latent)
    return undivided(timed, bound.critical) if latent is None else divided(timed, bound.critical)


def _remarks(timed: TimedTrace, bound: UpperBound) -> Iterator[str]:
    """Yield sentences on what limits the upper bound."""
    trace = timed.trace
    if bound.critical is None:
        yield "the output of the codec does not depend on its input"
    for operator, modules in trace.unknown_operators.items():
        where = ", ".join(sorted(modules)) or "the target itself"
        yield (
            f"the operator {operator} has no rule of dependency, so its result in {where} is taken "
            "to depend on all that goes in"
        )
    if trace.branches:
        where = ", ".join(sorted(trace.branches)) or "the target itself"
        yield f"values of the signal steer which operations run in {where}: other paths may wait longer"
    if trace.random_modules:
        where = ", ".join(sorted(trace.random_modules)) or "the target itself"
        yield f"random numbers are drawn in {where}: the same input gives another output"
    if bound.whole_clip:
        return
    if bound.period_hops is None:
        yield (
            f"the delay does not repeat within a clip of {timed.hops} hops: "
            "what happens more seldom may wait longer"
        )
    elif bound.period_hops > 1:
        yield f"the delay repeats every {bound.period_hops} hops, not every hop"


def _shown(
    target: AuditTarget, mode: TargetMode | None, timed: TimedTrace, bound: UpperBound
) -> tuple[LowerBound, list[str]]:
    """Return the lower bound, and sentences on the precisions in which it could not be found."""
    rate = None if mode is None else mode.bitrate_kbps
    section = codec_section(target, _mode_at(target, rate))
    refusals: list[str] = []
    for dtype in (torch.float64, torch.float32):
        name = str(dtype).removeprefix("torch.")
        with one_thread(), tensors_restored(target.root), attributes_restored(target.root):
            target.root.to(dtype)
            try:
                clip = critical_clip(section, timed, bound)
                if clip is None:
                    return LowerBound(None, "no clip"), refusals
                with parametrize.cached():
                    return lower_bound(clip), refusals
            except Exception as error:  # whatever a model of others raises
                refusals.append(f"the effect of the input could not be shown in {name}: {raised(error)}")
    return LowerBound(None, ""), refusals


def _mode_at(target: AuditTarget, bitrate_kbps: float | None) -> TargetMode | None:
    return next((mode for mode in target.modes if mode.bitrate_kbps == bitrate_kbps), None)
