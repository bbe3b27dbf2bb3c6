"""One side, surveyed: its look-ahead, the modules to blame, and whether truncation bears it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import torch
from torch import nn

from lrac_audit.witness.latency.attribution import blame, critical_path
from lrac_audit.witness.latency.measured_latency import SideLatency
from lrac_audit.witness.latency.monotone_search import Peak, highest
from lrac_audit.witness.latency.onsets import Timeline, field_samples, timeline
from lrac_audit.witness.latency.perturbation import TRIALS, Clip, confirmed
from lrac_audit.witness.latency.sides import GROWTH, Side, clip_hops
from lrac_audit.witness.latency.whole_clip import (
    bidirectional,
    centred_transforms,
    first_whole,
    recurrent,
)

TRIALS_WITH_DECISIONS = 12
ROUNDS, MORE = 2, 4
"""Where truncation does not bear out what was found: so many rounds, with more trials each."""
DECISIONS = frozenset(
    {"argmin", "argmax", "round", "sign", "floor", "ceil", "trunc", "bucketize", "topk", "max"}
    | {"min", "gt", "ge", "lt", "le", "sort", "searchsorted", "multinomial", "relu", "relu_"}
    | {"clamp", "clamp_", "clamp_min", "hardtanh", "hardtanh_", "hardsigmoid", "hardswish"}
    | {"threshold", "hardshrink", "softshrink"}
)
"""Operations whose result may stay as it is although their input moves."""


Clips = Callable[[int, int], Clip]
"""By hops and trial, each made once."""


class Plan(NamedTuple):
    """How a side is probed."""

    decides: bool
    """Whether it makes decisions, through which not every change is seen."""
    trials: int
    problems: tuple[str, ...]


class Found(NamedTuple):
    """What the survey of one side found."""

    latency: SideLatency
    confirmed: bool
    field_samples: int | None
    """What its convolutions cover by their geometry; None where a recurrent layer has no end."""
    plan: Plan


def survey(root: nn.Module, side: Side) -> Found:
    """Everything about the look-ahead of ``side``."""
    plan = _plan(side)
    clips: Clips = cache(partial(Clip, side))
    lengths = clip_hops(side.hop_samples)
    if _is_random(clips(lengths[0], 0)):
        return _given_up(
            plan, f"the output of {side.label} is random: the same input gives another"
        )
    for hops in lengths:
        clip = clips(hops, 0)
        if 0 < clip.first_moved(_low(side, hops)) < clip.answer.shape[2]:
            return _located(root, clips, hops, plan)
    return _unbounded(root, side, plan)


def _located(root: nn.Module, clips: Clips, hops: int, plan: Plan) -> Found:
    side = clips(hops, 0).side
    for _ in range(ROUNDS):
        peak, trial = _peak(clips, hops, plan)
        clip = clips(hops, trial)
        proved = confirmed(clip, peak.value, _low(side, hops) // side.in_steps)
        if proved:
            break
        plan = plan._replace(trials=MORE * plan.trials)
    line = timeline(root, clip, peak.position)
    whole = [*bidirectional(root, line)]
    if plan.decides:
        whole += _hidden(root, clips(GROWTH * hops, trial), line, peak.position - _low(side, hops))
    field = None if recurrent(root, line) else field_samples(line)
    if whole:
        return Found(SideLatency(None, (), tuple(whole)), False, field, plan)
    remarks = tuple(centred_transforms(root, line))
    latency = SideLatency(peak.value, blame(root, side, line, peak.value), remarks)
    return Found(latency, proved, field, plan)


def _hidden(root: nn.Module, longer: Clip, near: Timeline, offset: int) -> list[str]:
    """Dependence on the whole clip on the way to decisions, which need not show it."""
    far = timeline(root, longer, _low(longer.side, longer.hops) + offset)
    why = first_whole(root, near, far, critical_path(near))
    return [] if why is None else [why]


def _peak(clips: Clips, hops: int, plan: Plan) -> tuple[Peak, int]:
    """The greatest look-ahead of all trials, and the trial that showed it."""
    clip = clips(hops, 0)
    side, low = clip.side, _low(clip.side, hops)
    peak = highest(clip.first_moved, side.look_ahead, range(low, low + side.peak_spacing_steps))
    assert peak is not None
    found = peak, 0
    for trial in range(plan.trials):
        first, floor = found[0].position, found[0].value
        window = range(first, first + side.in_steps)
        ask = clips(hops, trial).first_moved
        peak = highest(ask, side.look_ahead, window, side.expected_peaks(first), floor)
        found = found if peak is None else (peak, trial)
    return found


def _unbounded(root: nn.Module, side: Side, plan: Plan) -> Found:
    """The output moves at once however far away the change is, or not at all."""
    near, far = (_line(root, side, hops) for hops in clip_hops(side.hop_samples)[:2])
    if near.moved[near.answer] is None:
        return _given_up(plan, f"the output of {side.label} does not depend on its input")
    why = first_whole(root, near, far, range(len(near.nodes)))
    whole = (*bidirectional(root, near), *([why] if why else []))
    latency = SideLatency(None, (), whole or (f"{side.label} depends on the whole clip",))
    return Found(latency, False, None, plan)


def _plan(side: Side) -> Plan:
    decides = any(node.op.split(".")[0] in DECISIONS for node in side.outline.nodes)
    return Plan(decides, TRIALS_WITH_DECISIONS if decides else TRIALS, ())


def _is_random(shortest: Clip) -> bool:
    """Whether the clip that the outline was made of now gives something else."""
    return not torch.equal(shortest.answer, shortest.side.outline.answer)


def _given_up(plan: Plan, problem: str) -> Found:
    plan = plan._replace(problems=(*plan.problems, problem))
    return Found(SideLatency(None, (), ()), False, None, plan)


def _low(side: Side, hops: int) -> int:
    """Where the probed hop begins: most of the clip is before it, some after."""
    return hops * 3 // 4 * side.in_steps


def _line(root: nn.Module, side: Side, hops: int) -> Timeline:
    return timeline(root, Clip(side, hops, 0), _low(side, hops))
