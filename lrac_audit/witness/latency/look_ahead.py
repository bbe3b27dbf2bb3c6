"""One side, surveyed: its look-ahead, the modules to blame, and whether truncation bears it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import torch
from torch import nn

from lrac_audit.witness.latency.attribution import blame, critical_path
from lrac_audit.witness.latency.confirmation import confirmed
from lrac_audit.witness.latency.geometry import field_samples
from lrac_audit.witness.latency.measured_latency import SideLatency
from lrac_audit.witness.latency.monotone_search import Peak, highest
from lrac_audit.witness.latency.onsets import Timeline, timeline
from lrac_audit.witness.latency.side import Clip, Side
from lrac_audit.witness.latency.sides import GROWTH, clip_hops
from lrac_audit.witness.latency.whole_clip import (
    bidirectional,
    centred_transforms,
    first_whole,
    recurrent,
)

TRIALS, TRIALS_WITH_DECISIONS = 3, 12
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
    peak = highest(clip.first_moved, side.look_ahead, range(low, low + _period(side)))
    assert peak is not None
    found = peak, 0
    for trial in range(plan.trials):
        first, floor = found[0].position, found[0].value
        window = range(first, first + side.in_steps)
        ask = clips(hops, trial).first_moved
        peak = highest(ask, side.look_ahead, window, _hints(side, first), floor)
        found = found if peak is None else (peak, trial)
    return found


def _period(side: Side) -> int:
    """Input steps after which a staircase is expected to repeat: an output step, at most a hop."""
    period = int(side.in_steps / side.out_steps)
    return period if period > 1 else side.in_steps


def _hints(side: Side, first: int) -> tuple[int, ...]:
    """Where peaks are expected if there is one at ``first``, and where they then are over."""
    begins = range(first, first + side.in_steps, _period(side))
    return tuple(j for begin in begins for j in (begin, begin + 1))


def _unbounded(root: nn.Module, side: Side, plan: Plan) -> Found:
    """The output moves at once however far away the change is, or not at all."""
    near, far = (_line(root, side, hops) for hops in clip_hops(side.hop_samples)[:2])
    if near.moved[near.answer] is None:
        return _given_up(plan, f"the output of {side.label} does not depend on its input")
    why = first_whole(root, near, far, range(len(near.nodes)))
    whole = (*bidirectional(root, near), *([why] if why else []))
    latency = SideLatency(None, (), whole or (f"{side.label} depends on the whole clip",))
    return Found(latency, False, None, plan)


def past(side: Side, field: int, look_ahead: int) -> int | None:
    """How far before its own hop an output step of ``side`` sees; None when no end was found.

    The same as a look-ahead with time reversed: the input changes up to a position, and what counts
    is how late the output still moves. ``field``, what the convolutions cover by their geometry, is
    a guess of where to look.
    """
    guess = field - int(side.out_period) - look_ahead
    best = None
    for trial in range(TRIALS):
        found = _past(side, max(guess, 0), trial)
        best = found if best is None else max(best, found or best)
        if best is None or best == guess:
            break
    return best


def _past(side: Side, guess: int, trial: int) -> int | None:
    shortest = -(-guess // side.hop_samples) + 5
    for hops in (shortest, GROWTH * shortest):
        clip = Clip(side, hops, trial)
        # A step that starts a hop is then the last to move for a change up to here.
        last = 3 * side.hop_samples - guess % side.hop_samples

        @cache
        def ask(turned: int, clip: Clip = clip, last: int = last) -> int:
            return -clip.last_moved(last - turned)

        def value(turned: int, step: int, last: int = last) -> int:
            return int(-step * side.out_period) - (last - turned)

        peak = highest(ask, value, range(side.in_steps), _hints(side, 0))
        if peak is not None and -ask(0) < clip.answer.shape[2] - 1:
            return peak.value
    return None


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
