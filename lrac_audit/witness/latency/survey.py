"""One side, surveyed: its look-ahead, the modules to blame, and whether truncation bears it out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import nn

from lrac_audit.witness.latency.blame import blame
from lrac_audit.witness.latency.confirmation import confirmed
from lrac_audit.witness.latency.flow import Node, record
from lrac_audit.witness.latency.measured import SideLatency
from lrac_audit.witness.latency.side import Clip, Side
from lrac_audit.witness.latency.staircase import highest
from lrac_audit.witness.latency.timeline import Timeline, time_axes, timeline
from lrac_audit.witness.latency.whole_clip import bidirectional, first_whole, recurrent

HOPS = 16, 64, 256
"""Lengths of the clips that are tried, until one holds the look-ahead."""
LEAST_STEPS = 2048
"""Of the longest clip, so that short hops do not make it short."""
TRIALS, TRIALS_WITH_DECISIONS = 4, 12
POSITIONS_AT_ONCE = 4
"""Changes in one batch."""
BATCH_VALUES = 1 << 25
"""Most values of an intermediate result in a batch; with larger ones, fewer changes go into one."""
DECISIONS = frozenset(
    ["argmin", "argmax", "round", "sign", "floor", "ceil", "trunc", "bucketize", "topk", "max", "min", "gt", "ge", "lt", "le", "sort"]
)
"""Operations whose result may stay as it is although their input moves."""


class Found(NamedTuple):
    """What the survey of one side found."""

    latency: SideLatency
    confirmed: bool
    bounded_past: bool
    problems: tuple[str, ...]


class Plan(NamedTuple):
    """How a side is probed."""

    trials: int
    at_once: int
    problems: tuple[str, ...]


def survey(root: nn.Module, side: Side) -> Found:
    """Everything about the look-ahead of ``side``."""
    nodes, _ = record(root, side.run, _clip(side, HOPS[0], Plan(1, 1, ())).base)
    plan = _plan(side, nodes)
    if _is_random(side):
        return _given_up(
            plan, f"the output of {side.label} is random: the same input gives another"
        )
    for hops in _lengths(side):
        clip = _clip(side, hops, plan)
        low = _low(side, hops)
        if 0 < clip.first_moved([low])[0] < clip.output_steps:
            return _located(root, clip, low, plan)
    return _unbounded(root, side, plan)


def _located(root: nn.Module, clip: Clip, low: int, plan: Plan) -> Found:
    side = clip.side
    peak = highest(clip.first_moved, side.look_ahead, low, low + side.in_steps, POSITIONS_AT_ONCE)
    line = timeline(root, clip, peak.position, time_axes(root, side, HOPS[0]))
    whole = tuple(bidirectional(root, line))
    look_ahead = None if whole else peak.value
    latency = SideLatency(look_ahead, () if whole else blame(root, side, line, peak.value), whole)
    proved = not whole and confirmed(clip, peak.value, low // side.in_steps)
    return Found(latency, proved, not recurrent(root, line), plan.problems)


def _unbounded(root: nn.Module, side: Side, plan: Plan) -> Found:
    """The output moves at once however far away the change is, or not at all."""
    near, far = (_line(root, side, hops, plan) for hops in HOPS[:2])
    if near.moved[near.answer] is None:
        return _given_up(plan, f"the output of {side.label} does not depend on its input")
    why = first_whole(root, near, far)
    whole = (*bidirectional(root, near), *([why] if why else []))
    latency = SideLatency(None, (), whole or (f"{side.label} depends on the whole clip",))
    return Found(latency, False, False, plan.problems)


def past(root: nn.Module, side: Side) -> int | None:
    """How far before its own hop an output step of ``side`` sees; None when no end was found.

    The same as a look-ahead with time reversed: the input changes up to a position, and what counts
    is how late the output still moves.
    """
    nodes, _ = record(root, side.run, _clip(side, HOPS[0], Plan(1, 1, ())).base)
    plan = _plan(side, nodes)
    for hops in _lengths(side):
        clip = _clip(side, hops, plan)
        last = 2 * side.in_steps - 1

        def ask(turned: Sequence[int], clip: Clip = clip, last: int = last) -> list[int]:
            return [-step for step in clip.last_moved([last - j for j in turned])]

        def value(turned: int, step: int, last: int = last) -> int:
            return int(-step * side.out_period) - side.in_period * (last - turned)

        if -ask([0])[0] < clip.output_steps - 1:
            return highest(ask, value, 0, side.in_steps, POSITIONS_AT_ONCE).value
    return None


def _plan(side: Side, nodes: Sequence[Node]) -> Plan:
    decides = any(node.op.split(".")[0] in DECISIONS for node in nodes)
    largest = max(math.prod(node.shape) for node in nodes)
    at_once = max(min(BATCH_VALUES // largest, POSITIONS_AT_ONCE), 1)
    problems: tuple[str, ...] = ()
    try:
        side.run(_clip(side, HOPS[0], Plan(2, 1, ())).base)
    except Exception as error:
        at_once = 1
        problems = (f"{side.label} takes one clip at a time only ({type(error).__name__})",)
    return Plan(TRIALS_WITH_DECISIONS if decides else TRIALS, at_once, problems)


def _is_random(side: Side) -> bool:
    x = _clip(side, HOPS[0], Plan(1, 1, ())).base
    return not torch.equal(side.run(x), side.run(x))


def _given_up(plan: Plan, problem: str) -> Found:
    return Found(SideLatency(None, (), ()), False, False, (*plan.problems, problem))


def _lengths(side: Side) -> Iterator[int]:
    longest = max(HOPS[-1], -(-LEAST_STEPS // side.in_steps))
    yield from (*HOPS[:-1], longest)


def _clip(side: Side, hops: int, plan: Plan) -> Clip:
    return Clip(side, hops, plan.trials, plan.at_once)


def _low(side: Side, hops: int) -> int:
    """Where the probed hop begins: most of the clip is before it, some after."""
    return hops * 3 // 4 * side.in_steps


def _line(root: nn.Module, side: Side, hops: int, plan: Plan) -> Timeline:
    clip = _clip(side, hops, plan)
    return timeline(root, clip, _low(side, hops), time_axes(root, side, hops))
