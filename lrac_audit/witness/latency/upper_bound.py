"""Read the delay of a traced run: how far ahead of its own time an output step depends.

Only the middle half of the clip is read: at the start and the end stand padding and reflections
that a stream does not have.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import torch
from torch import Tensor

from lrac_audit.witness.dependency import NO_DEPENDENCE
from lrac_audit.witness.dependency.operations import Operation
from lrac_audit.witness.latency.timed_trace import TimedTrace, along, simple_period


class CriticalStep(NamedTuple):
    """The output step that depends farthest ahead of its own time."""

    output_step: int
    output_sample: int
    """Its time in audio samples."""
    input_step: int
    input_sample: int
    """The start of the latest input step that it can depend on."""

    @property
    def ahead_samples(self) -> int:
        """How far its latest input is ahead of it."""
        return self.input_sample - self.output_sample


class UpperBound(NamedTuple):
    """The delay of a section according to its traced run."""

    critical: CriticalStep | None
    """None where no output step depends on the input."""
    whole_clip: bool
    """Whether output steps in the middle depend on the last hop of the clip."""
    period_hops: int | None
    """Hops after which the look-ahead repeats; None where it does not within the clip."""


def upper_bound(timed: TimedTrace) -> UpperBound:
    """Return the delay of the section of ``timed``, from its output."""
    latest = timed.trace.latest.to(torch.int64)
    starts = step_starts(len(latest), output_period(timed))
    inputs = _in_samples(latest, timed.section.in_period)
    ahead = torch.where(latest > NO_DEPENDENCE, inputs - starts, NO_DEPENDENCE)
    middle = middle_of(len(latest))
    highest = int(ahead[middle].max())
    if highest == NO_DEPENDENCE:
        return UpperBound(None, whole_clip=False, period_hops=1)
    step = middle.start + int(ahead[middle].argmax())
    critical = CriticalStep(step, int(starts[step]), int(latest[step]), int(inputs[step]))
    end = timed.samples - timed.section.target.hop_samples
    hops = starts[middle] // timed.section.target.hop_samples
    period = repeats_after(_highest_by_hop(ahead[middle], hops))
    return UpperBound(critical, int(inputs[middle].max()) >= end, period)


def output_period(timed: TimedTrace) -> Fraction:
    """Return the audio samples of an output step."""
    return last_axis_period(timed, timed.trace.output)


def last_axis_period(timed: TimedTrace, operation: Operation) -> Fraction:
    """Return the audio samples of a step of the last axis.

    Raises:
        ValueError: that axis does not grow with the clip.
    """
    period = timed.periods[operation].get(len(operation.shape) - 1)
    if period is None:
        raise ValueError(f"the result of {operation.stage} does not grow with the clip")
    return simple_period(period, timed.section.target.hop_samples)


def step_starts(steps: int, period: Fraction) -> Tensor:
    """Return the first audio sample of each of so many steps."""
    return torch.arange(steps) * period.numerator // period.denominator


def middle_of(steps: int) -> slice:
    """Return the middle half of so many steps."""
    return slice(steps // 4, max(3 * steps // 4, steps // 4 + 1))


def past_samples(timed: TimedTrace) -> int | None:
    """Return how far before its own samples a step of the encoder's result depends on the input.

    None where steps in the middle depend on the first hop of the clip, and where the result has no
    steps on its last axis.
    """
    operation = timed.trace.stage_results[0][0]
    if len(operation.shape) - 1 not in timed.periods[operation]:
        return None
    earliest = -along(-operation.earliest, -1).to(torch.int64)
    starts = step_starts(len(earliest), last_axis_period(timed, operation))
    middle = middle_of(len(earliest))
    if int(earliest[middle].min()) < timed.section.target.hop_samples:
        return None
    return max(int((starts - earliest)[middle].max()), 0)


def _in_samples(steps: Tensor, period: Fraction) -> Tensor:
    return steps * period.numerator // period.denominator


def _highest_by_hop(ahead: Tensor, hops: Tensor) -> Tensor:
    """Return the highest of ``ahead`` in each whole hop."""
    hops = hops - hops[0]
    highest = ahead.new_full((int(hops[-1]) + 1,), NO_DEPENDENCE)
    return highest.scatter_reduce(0, hops, ahead, "amax")[1:-1]


def repeats_after(values: Tensor) -> int | None:
    """Return the least distance at which ``values`` repeat, twice at least; None where none is."""
    for distance in range(1, len(values) // 2 + 1):
        if torch.equal(values[:-distance], values[distance:]):
            return distance
    return None
