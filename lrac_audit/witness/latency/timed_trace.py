"""Trace a chain of stages on clips of two lengths, which shows the rate of every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.dependency import (
    NO_DEPENDENCE,
    DependencyTrace,
    NeedsValues,
    trace_dependency,
)
from lrac_audit.witness.dependency.operations import Operation
from lrac_audit.witness.latency.clips import GROWTH, clip_lengths
from lrac_audit.witness.target import AuditTarget

Periods = Mapping[int, Fraction]
"""Audio samples per step of one result, by the axes that grow with the clip."""
LARGEST_DENOMINATOR = 12
"""Steps per hop are whole numbers or simple fractions; another ratio comes from padding."""


@dataclass(frozen=True)
class Section:
    """A chain of callables of a target that is measured as one."""

    target: AuditTarget
    stages: tuple[tuple[str, Callable[[Any], Any]], ...]
    """The callables in the order of the signal, with their labels."""
    clip: Callable[[int, bool], Tensor]
    """Return an input of so many hops, with values or on ``meta``."""
    in_period: Fraction
    """Audio samples in a step of the input."""

    @property
    def root(self) -> nn.Module:
        """The module that holds everything that the stages run."""
        return self.target.root


@dataclass(frozen=True)
class TimedTrace:
    """A traced run, with the rates of its results."""

    section: Section
    hops: int
    trace: DependencyTrace
    short_hops: int
    short_trace: DependencyTrace
    """A run of a shorter clip, which shows the rates."""
    periods: Mapping[Operation, Periods]

    @cached_property
    def place(self) -> Mapping[Operation, int]:
        """The place of each operation in the order in which they ran."""
        return {operation: i for i, operation in enumerate(self.trace.operations)}

    @property
    def samples(self) -> int:
        """Audio samples of the clip."""
        return self.hops * self.section.target.hop_samples

    @property
    def input(self) -> Operation:
        """The input of the section."""
        return self.trace.operations[0]

    def axis(self, operation: Operation) -> int | None:
        """Return the one axis of ``operation`` that grows with the clip.

        None where there is none, and where there are several, as in attention scores.
        """
        axes = self.periods[operation]
        return next(iter(axes)) if len(axes) == 1 else None

    def period(self, operation: Operation) -> Fraction:
        """Return the audio samples of a step of ``operation`` along its growing axis."""
        return next(iter(self.periods[operation].values()))


def timed_trace(section: Section) -> TimedTrace:
    """Trace ``section`` on a clip and on a shorter one.

    It is traced on shapes alone where it can be; a model that reads values is run on noise.
    """
    try:
        return _traced(section, with_values=False)
    except NeedsValues:
        return _traced(section, with_values=True)


def _traced(section: Section, *, with_values: bool) -> TimedTrace:
    lengths = clip_lengths(section.target, with_values=with_values)
    short_hops, short = _first_taken(section, lengths.short_hops, with_values)
    longer = [hops for hops in lengths.long_hops if hops > short_hops]
    long_hops, long = _first_taken(section, [*longer, GROWTH * short_hops], with_values)
    added_samples = (long_hops - short_hops) * section.target.hop_samples
    rates = _rates(short, long, added_samples)
    return TimedTrace(section, long_hops, long, short_hops, short, rates)


def _first_taken(
    section: Section, lengths: Sequence[int], with_values: bool
) -> tuple[int, DependencyTrace]:
    """Return the first of ``lengths`` that the section takes, and the traced run of it."""
    for hops in lengths[:-1]:
        try:
            return hops, run_traced(section, hops, with_values)
        except NeedsValues:
            raise
        except Exception:  # a model may refuse a short or a long clip with any error
            continue
    return lengths[-1], run_traced(section, lengths[-1], with_values)


def run_traced(section: Section, hops: int, with_values: bool) -> DependencyTrace:
    """Trace ``section`` on a clip of so many hops."""
    clip = section.clip(hops, with_values)
    return trace_dependency(section.root, section.stages, clip, real_values=with_values)


def _rates(
    short: DependencyTrace, long: DependencyTrace, added_samples: int
) -> dict[Operation, Periods]:
    """Return the rates of the operations of ``long``.

    Both runs have the same operations, except where a loop over time stands between a common start
    and a common end; what is inside it is recognised by sizes that are known from around it.
    """
    a, b = short.operations, long.operations
    head, tail = _alike(a, b)
    found: dict[Operation, Periods] = {}
    for i in range(head):
        found[b[i]] = _growing(a[i].shape, b[i].shape, added_samples)
    for i in range(1, tail + 1):
        found[b[-i]] = _growing(a[-i].shape, b[-i].shape, added_samples)
    known = {
        operation.shape[axis]: period
        for operation, periods in found.items()
        for axis, period in periods.items()
    }
    for operation in b[head : len(b) - tail]:
        sizes = enumerate(operation.shape)
        found[operation] = {axis: known[size] for axis, size in sizes if size in known}
    return found


def _alike(a: Sequence[Operation], b: Sequence[Operation]) -> tuple[int, int]:
    """Return how many operations at the start and at the end are the same."""
    if len(a) == len(b):
        return len(a), 0
    shorter = min(len(a), len(b))
    head = next((i for i in range(shorter) if not _same(a[i], b[i])), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if not _same(a[-1 - i], b[-1 - i])), rest)
    return head, tail


def _same(a: Operation, b: Operation) -> bool:
    return (a.operator, a.module_path, len(a.shape)) == (b.operator, b.module_path, len(b.shape))


def _growing(short: Sequence[int], long: Sequence[int], samples: int) -> Periods:
    if len(short) != len(long):
        return {}
    sizes = enumerate(zip(short, long, strict=True))
    return {axis: Fraction(samples, b - a) for axis, (a, b) in sizes if b > a}


def simple_period(period: Fraction, hop_samples: int) -> Fraction:
    """Return ``period`` as it would be without padding to a length that is no multiple of it."""
    steps_per_hop = hop_samples / period
    if steps_per_hop.denominator <= LARGEST_DENOMINATOR:
        return period
    return Fraction(hop_samples, max(round(steps_per_hop), 1))


def along(steps: Tensor, axis: int) -> Tensor:
    """Return the largest of ``steps`` at each index of ``axis``, over all other axes."""
    if not steps.numel():
        return steps.new_full((steps.size(axis),), NO_DEPENDENCE)
    for other in reversed(range(steps.dim())):
        if other != axis % len(steps.shape):
            varies = steps.size(other) > 1 and steps.stride(other) != 0
            steps = steps.amax(other) if varies else steps.select(other, 0)
            axis -= other < axis
    return steps


def first_at_least(steps: Tensor, value: int) -> int | None:
    """Return the first index of ``steps`` that is at least ``value``; None where none is."""
    hit = steps >= value
    return int(torch.argmax(hit.to(torch.uint8))) if bool(hit.any()) else None
