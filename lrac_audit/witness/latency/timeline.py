"""When each operation of a side first moves after a change of the input, in audio samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import nn

from lrac_audit.witness.latency.flow import Node, record
from lrac_audit.witness.latency.side import Clip, Side, noise

Periods = Mapping[int, Fraction]
"""Of one node, by time axis: audio samples per step."""


@dataclass(frozen=True)
class Timeline:
    """The nodes of one run, and how early each of them moves."""

    nodes: Sequence[Node]
    answer: int
    """Index of the node that is the output."""
    moved: Sequence[Mapping[int, int] | None]
    """By node: the first step that moves, by time axis; None when nothing moves."""
    periods: Sequence[Periods]
    ahead: Sequence[int | None]
    """By node: audio samples by which it moves before the change; None without one time axis."""


def time_axes(root: nn.Module, side: Side, hops: int) -> list[Periods]:
    """The axes of each node that grow with the clip, with the samples that a step stands for."""
    longer = hops + 3
    short, long = (
        record(root, side.run, noise(side.channels, n * side.in_steps, side.dtype, 0))[0]
        for n in (hops, longer)
    )
    head, tail = _alike(short, long)
    samples = (longer - hops) * side.hop_samples
    found: list[Periods] = [{} for _ in short]
    for i in [*range(head), *range(len(short) - tail, len(short))]:
        j = i if i < head else i - len(short) + len(long)
        found[i] = _growing(short[i].shape, long[j].shape, samples)
    known = {
        node.shape[axis]: period
        for node, periods in zip(short, found, strict=True)
        for axis, period in periods.items()
    }
    for i in range(head, len(short) - tail):
        shape = enumerate(short[i].shape)
        found[i] = {axis: known[size] for axis, size in shape if size in known}
    return found


def _alike(a: Sequence[Node], b: Sequence[Node]) -> tuple[int, int]:
    """How many nodes at the start and at the end are the same; a loop over time lies between."""
    if len(a) == len(b):
        return len(a), 0
    shorter = min(len(a), len(b))
    head = next(i for i in range(shorter + 1) if i == shorter or not _same(a[i], b[i]))
    rest = shorter - head
    tail = next(i for i in range(rest + 1) if i == rest or not _same(a[-1 - i], b[-1 - i]))
    return head, tail


def _same(a: Node, b: Node) -> bool:
    return (a.op, a.called, a.owner, len(a.shape)) == (b.op, b.called, b.owner, len(b.shape))


def _growing(short: Sequence[int], long: Sequence[int], samples: int) -> Periods:
    if len(short) != len(long):
        return {}
    sizes = enumerate(zip(short, long, strict=True))
    return {axis: Fraction(samples, b - a) for axis, (a, b) in sizes if b > a}


def timeline(root: nn.Module, clip: Clip, position: int, periods: Sequence[Periods]) -> Timeline:
    """What happens when the input of ``clip`` changes from ``position`` on."""
    side = clip.side
    axes = [tuple(by_axis) for by_axis in periods]
    nodes, answer = record(root, side.run, clip.base, axes)
    others, _ = record(root, side.run, clip.changed(position), axes)
    moved = [_first_moved(node, other) for node, other in zip(nodes, others, strict=True)]
    ahead = [
        None if first is None else _ahead(side, position, first, by_axis)
        for first, by_axis in zip(moved, periods, strict=True)
    ]
    return Timeline(nodes, answer, moved, periods, ahead)


def _first_moved(node: Node, other: Node) -> dict[int, int] | None:
    found = {}
    for axis, checksum in node.checksums.items():
        places = torch.nonzero(checksum != other.checksums[axis])
        if len(places):
            found[axis] = int(places[0, 0])
    return found or None


def _ahead(side: Side, position: int, first: Mapping[int, int], periods: Periods) -> int | None:
    """None for what has two time axes, such as attention scores, which mix all steps."""
    if len(periods) > 1:
        return None
    return next(side.ahead(position, step, periods[axis]) for axis, step in first.items())
