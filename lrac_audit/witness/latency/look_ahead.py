"""Probe the look-ahead of one side, attribute it to modules, and confirm it by truncation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import torch
from torch import nn

from lrac_audit.witness.latency.attribution import attribute_look_ahead, critical_path
from lrac_audit.witness.latency.measured_latency import SideLatency
from lrac_audit.witness.latency.monotone_search import Peak, find_peak
from lrac_audit.witness.latency.onsets import Onsets, find_onsets, receptive_field_samples
from lrac_audit.witness.latency.perturbation import TRIALS, PerturbedClip, is_confirmed
from lrac_audit.witness.latency.sides import GROWTH, Side, clip_hops
from lrac_audit.witness.latency.whole_clip import (
    bidirectional_layers,
    centred_transforms,
    has_recurrent_layer,
    whole_clip_reason,
)

TRIALS_WITH_DECISIONS = 12
ROUNDS, TRIALS_FACTOR = 2, 4
"""If truncation does not confirm the result, the probe is repeated for so many rounds, each with so
many times the trials."""
DECISIONS = frozenset(
    {"argmin", "argmax", "round", "sign", "floor", "ceil", "trunc", "bucketize", "topk", "max"}
    | {"min", "gt", "ge", "lt", "le", "sort", "searchsorted", "multinomial", "relu", "relu_"}
    | {"clamp", "clamp_", "clamp_min", "hardtanh", "hardtanh_", "hardsigmoid", "hardswish"}
    | {"threshold", "hardshrink", "softshrink"}
)
"""Operations whose result may stay the same although their input moves."""


Clips = Callable[[int, int], PerturbedClip]
"""A function from length in hops and trial to a clip that is made only once."""


class ProbePlan(NamedTuple):
    """How a side is probed."""

    decides: bool
    """Whether it makes decisions, through which not every change is seen."""
    trials: int
    problems: tuple[str, ...]


class ProbedSide(NamedTuple):
    """The result of probing one side."""

    latency: SideLatency
    confirmed: bool
    receptive_field_samples: int | None
    """The receptive field of its convolutions by their geometry; None with a recurrent layer, whose
    past has no end."""
    plan: ProbePlan


def probe_side(root: nn.Module, side: Side) -> ProbedSide:
    """Return everything about the look-ahead of ``side``."""
    plan = _plan(side)
    clips: Clips = cache(partial(PerturbedClip, side))
    lengths = clip_hops(side.hop_samples)
    if _is_random(clips(lengths[0], 0)):
        return _without_figure(
            plan, f"the output of {side.label} is random: the same input gives another"
        )
    for hops in lengths:
        clip = clips(hops, 0)
        if 0 < clip.first_moved(_probed_step(side, hops)) < clip.output.shape[2]:
            return _located(root, clips, hops, plan)
    return _unbounded(root, side, plan)


def _located(root: nn.Module, clips: Clips, hops: int, plan: ProbePlan) -> ProbedSide:
    side = clips(hops, 0).side
    for _ in range(ROUNDS):
        peak, trial = _peak(clips, hops, plan)
        clip = clips(hops, trial)
        proved = is_confirmed(clip, peak.value, _probed_step(side, hops) // side.in_steps)
        if proved:
            break
        plan = plan._replace(trials=TRIALS_FACTOR * plan.trials)
    onsets = find_onsets(root, clip, peak.position)
    whole = [*bidirectional_layers(root, onsets)]
    if plan.decides:
        whole += _hidden(
            root, clips(GROWTH * hops, trial), onsets, peak.position - _probed_step(side, hops)
        )
    field = None if has_recurrent_layer(root, onsets) else receptive_field_samples(onsets)
    if whole:
        return ProbedSide(SideLatency(None, (), tuple(whole)), False, field, plan)
    remarks = tuple(centred_transforms(root, onsets))
    latency = SideLatency(peak.value, attribute_look_ahead(root, side, onsets, peak.value), remarks)
    return ProbedSide(latency, proved, field, plan)


def _hidden(root: nn.Module, longer: PerturbedClip, near: Onsets, offset: int) -> list[str]:
    """Find dependence on the whole clip that a decision behind it may hide."""
    far = find_onsets(root, longer, _probed_step(longer.side, longer.hops) + offset)
    why = whole_clip_reason(root, near, far, critical_path(near))
    return [] if why is None else [why]


def _peak(clips: Clips, hops: int, plan: ProbePlan) -> tuple[Peak, int]:
    """Return the greatest look-ahead of all trials, and the trial that showed it."""
    clip = clips(hops, 0)
    side, low = clip.side, _probed_step(clip.side, hops)
    peak = find_peak(clip.first_moved, side.look_ahead, range(low, low + side.peak_spacing_steps))
    assert peak is not None
    found = peak, 0
    for trial in range(plan.trials):
        first, floor = found[0].position, found[0].value
        window = range(first, first + side.in_steps)
        staircase = clips(hops, trial).first_moved
        peak = find_peak(staircase, side.look_ahead, window, side.expected_peaks(first), floor)
        found = found if peak is None else (peak, trial)
    return found


def _unbounded(root: nn.Module, side: Side, plan: ProbePlan) -> ProbedSide:
    """Explain an output that moves at once however far away the change is, or never moves."""
    near, far = (_onsets_at(root, side, hops) for hops in clip_hops(side.hop_samples)[:2])
    if near.moved[near.output_index] is None:
        return _without_figure(plan, f"the output of {side.label} does not depend on its input")
    why = whole_clip_reason(root, near, far, range(len(near.nodes)))
    whole = (*bidirectional_layers(root, near), *([why] if why else []))
    latency = SideLatency(None, (), whole or (f"{side.label} depends on the whole clip",))
    return ProbedSide(latency, False, None, plan)


def _plan(side: Side) -> ProbePlan:
    decides = any(node.op.split(".")[0] in DECISIONS for node in side.time_axes.nodes)
    return ProbePlan(decides, TRIALS_WITH_DECISIONS if decides else TRIALS, ())


def _is_random(shortest: PerturbedClip) -> bool:
    """Return whether the clip that gave the time axes now gives another output."""
    return not torch.equal(shortest.output, shortest.side.time_axes.output)


def _without_figure(plan: ProbePlan, problem: str) -> ProbedSide:
    plan = plan._replace(problems=(*plan.problems, problem))
    return ProbedSide(SideLatency(None, (), ()), False, None, plan)


def _probed_step(side: Side, hops: int) -> int:
    """Return the input step at which the probed hop begins: most of the clip is before it."""
    return hops * 3 // 4 * side.in_steps


def _onsets_at(root: nn.Module, side: Side, hops: int) -> Onsets:
    return find_onsets(root, PerturbedClip(side, hops, 0), _probed_step(side, hops))
