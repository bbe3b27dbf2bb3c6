"""Measure the delay of a codec by two independent bounds.

The upper bound is the dependency that a traced run shows; it is the figure that is judged. The
lower bound is what changes of the input are seen to change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import one_thread, tensors_restored
from lrac_audit.witness.latency.critical_clip import critical_clip
from lrac_audit.witness.latency.lower_bound import LowerBound, lower_bound
from lrac_audit.witness.latency.measured_latency import MeasuredLatency, SideLatency
from lrac_audit.witness.latency.sections import codec_section, latent_of
from lrac_audit.witness.latency.sides import SplitDelay, divided, unbounded, undivided
from lrac_audit.witness.latency.timed_trace import Section, TimedTrace, timed_trace
from lrac_audit.witness.latency.upper_bound import UpperBound, past_samples, upper_bound
from lrac_audit.witness.packages import noted
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
    timed = timed_trace(codec_section(target, mode))
    bound = upper_bound(timed)
    split = _split(timed, bound)
    latent = latent_of(timed)
    shown = LowerBound(None, "")
    problems = [*_remarks(timed, bound)]
    if bound.critical is not None and not bound.whole_clip:
        tell("showing the effect of the latest input")
        shown, refusals = _shown(_lightest(target, mode), timed, bound)
        problems += refusals
    return MeasuredLatency(
        buffering_samples=split.buffering_samples,
        transmit=split.transmit,
        receive=split.receive,
        past_samples=None if latent is None else past_samples(timed),
        lower_total_samples=shown.total_samples,
        parting=shown.parting,
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
        yield (
            f"the operator {operator} has no rule of dependency, so its result in "
            f"{_listed(modules)} is taken to depend on all that goes in"
        )
    if trace.branches:
        yield (
            f"values of the signal steer which operations run in {_listed(trace.branches)}: "
            "other paths may wait longer"
        )
    if trace.random_modules:
        yield (
            f"random numbers are drawn in {_listed(trace.random_modules)}: "
            "the same input gives another output"
        )
    if bound.whole_clip:
        return
    if bound.period_hops is None:
        yield (
            f"the delay does not repeat within a clip of {timed.hops} hops: "
            "what happens more seldom may wait longer"
        )
    elif bound.period_hops > 1:
        yield f"the delay repeats every {bound.period_hops} hops, not every hop"


def _listed(modules: Collection[str]) -> str:
    return ", ".join(module or "the target itself" for module in sorted(modules))


def _shown(section: Section, timed: TimedTrace, bound: UpperBound) -> tuple[LowerBound, list[str]]:
    """Return the lower bound, and sentences on the precisions in which it could not be found."""
    clip = critical_clip(section, timed, bound)
    if clip is None:
        return LowerBound(None, ""), ["no clip was long enough to show the effect of late input"]
    refusals: list[str] = []
    for dtype in (torch.float64, torch.float32):
        with one_thread(), tensors_restored(section.target), parametrize.cached():
            _cast(section.root, dtype)
            try:
                return lower_bound(clip), refusals
            except Exception as error:  # whatever a model of others raises
                name = str(dtype).removeprefix("torch.")
                refusals.append(f"the effect of late input is not shown in {name}: {noted(error)}")
    return LowerBound(None, ""), refusals


def _cast(root: nn.Module, dtype: torch.dtype) -> None:
    """Give the parameters and buffers of ``root`` a precision; complex ones stay complex."""

    def cast(values: Tensor) -> Tensor:
        if values.is_complex():
            return values.to(torch.promote_types(dtype, torch.complex64))
        return values.to(dtype) if values.is_floating_point() else values

    root._apply(cast)  # type: ignore[no-untyped-call]


def _lightest(target: AuditTarget, mode: TargetMode | None) -> Section:
    """Return the narrow model of ``target``, which shows effects with less work, or itself."""
    if target.narrow is None:
        return codec_section(target, mode)
    modes = () if mode is None else target.narrow.modes
    same = (each for each in modes if mode is not None and each.bitrate_kbps == mode.bitrate_kbps)
    return codec_section(target.narrow, next(same, None))
