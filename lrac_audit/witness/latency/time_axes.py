"""Find the time axes of every operation's result, by comparing two clips of different length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from torch import Tensor, nn

from lrac_audit.witness.latency.dataflow import Node, record_dataflow

LONGER_HOPS = 3
"""Hops by which the longer of the two clips is longer."""

Periods = Mapping[int, Fraction]
"""Audio samples per step of one node, by time axis."""


class TimeAxes(NamedTuple):
    """The time axes of a callable's operations, as two clips of different length show them."""

    nodes: Sequence[Node]
    """The nodes of the shorter clip."""
    periods: Sequence[Periods]
    """For each node the axes that grow with the clip, with the samples that a step stands for."""
    grown_steps: int
    """Steps by which the output grows with ``LONGER_HOPS``."""
    output: Tensor
    """The output for the shorter clip."""

    @property
    def channels(self) -> int:
        """Channels of the output."""
        return self.output.shape[1]

    def fits(self, nodes: Sequence[Node]) -> bool:
        """Return whether ``nodes`` are the same operations; a loop over time makes other ones."""
        return len(nodes) == len(self.nodes) and all(map(_same, nodes, self.nodes))


def find_time_axes(
    root: nn.Module,
    run: Callable[[Tensor], Tensor],
    clip: Callable[[int], Tensor],
    hops: int,
    hop_samples: int,
) -> TimeAxes:
    """Return the time axes of ``run``, from a clip of so many hops and a longer one."""
    short, long = (record_dataflow(root, run, clip(n)) for n in (hops, hops + LONGER_HOPS))
    periods = _time_axes(short.nodes, long.nodes, LONGER_HOPS * hop_samples)
    grown = long.output.shape[2] - short.output.shape[2]
    return TimeAxes(short.nodes, periods, grown, short.output)


def _time_axes(short: Sequence[Node], long: Sequence[Node], samples: int) -> list[Periods]:
    head, tail = _alike(short, long)
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
    """Return how many nodes at the start and at the end are the same, around a loop over time."""
    if len(a) == len(b):
        return len(a), 0
    shorter = min(len(a), len(b))
    head = next(i for i in range(shorter + 1) if i == shorter or not _same(a[i], b[i]))
    rest = shorter - head
    tail = next(i for i in range(rest + 1) if i == rest or not _same(a[-1 - i], b[-1 - i]))
    return head, tail


def _same(a: Node, b: Node) -> bool:
    """Return whether two nodes are the same operation.

    Their owners may differ: a module may compute a tensor from its parameters once and keep it.
    """
    return (a.op, a.called, len(a.shape)) == (b.op, b.called, len(b.shape))


def _growing(short: Sequence[int], long: Sequence[int], samples: int) -> Periods:
    if len(short) != len(long):
        return {}
    sizes = enumerate(zip(short, long, strict=True))
    return {axis: Fraction(samples, b - a) for axis, (a, b) in sizes if b > a}
