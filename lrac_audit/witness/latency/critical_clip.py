"""Find a clip that is just long enough to show the critical path of a codec."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from lrac_audit.witness.dependency import DependencyTrace
from lrac_audit.witness.latency.timed_trace import Section, TimedTrace, run_traced
from lrac_audit.witness.latency.upper_bound import UpperBound, output_period, step_starts

GROWTH = 2


class CriticalClip(NamedTuple):
    """A clip, and an output step in it that depends as far ahead as any."""

    section: Section
    hops: int
    trace: DependencyTrace
    output_step: int
    output_sample: int

    @property
    def audio(self) -> Tensor:
        """Noise of the length of the clip."""
        return self.section.clip(self.hops, True)


def critical_clip(section: Section, timed: TimedTrace, bound: UpperBound) -> CriticalClip | None:
    """Return a clip for ``section``, the codec of ``timed`` or a narrow one of the same delay.

    None where no clip up to the length of ``timed`` has an output step that is as far ahead.
    """
    hops, trace = timed.short_hops, timed.short_trace
    while True:
        step = _critical_step(trace, hops, timed, bound)
        if step is not None:
            starts = step_starts(len(trace.latest), output_period(timed))
            return CriticalClip(section, hops, trace, step, int(starts[step]))
        if hops == timed.hops:
            return None
        hops = min(GROWTH * hops, timed.hops)
        try:
            trace = run_traced(section, hops, timed.trace.real_values)
        except Exception:  # a model may refuse a clip of this length with any error
            hops, trace = timed.hops, timed.trace


def _critical_step(
    trace: DependencyTrace, hops: int, timed: TimedTrace, bound: UpperBound
) -> int | None:
    """Return the first output step that is as far ahead as any, one period into the clip or later.

    Its latest input must not be the last sample, where the end of the clip may hide later ones.
    """
    assert bound.critical is not None
    hop = timed.section.target.hop_samples
    starts = step_starts(len(trace.latest), output_period(timed))
    inside = starts >= ((bound.period_hops or 1) + 1) * hop
    inside &= trace.latest < hops * hop - 1
    at = (inside & (trace.latest - starts == bound.critical.ahead_samples)).nonzero().flatten()
    return int(at[0]) if len(at) else None
