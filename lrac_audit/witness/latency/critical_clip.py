"""Find a clip that is just long enough to show the critical path of a codec."""

from __future__ import annotations

from fractions import Fraction
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
    assert bound.critical is not None
    hop, period = section.target.hop_samples, output_period(timed)
    ahead = bound.critical.ahead_samples
    settled = (bound.period_hops or 1) + 1
    hops = 2 * settled + max(ahead, 0) // hop + 1
    while hops <= timed.hops:
        found = _found(section, timed, hops, settled * hop, ahead, period)
        if found is not None:
            return found
        hops *= GROWTH
    return None


def _found(
    section: Section, timed: TimedTrace, hops: int, begin: int, ahead: int, period: Fraction
) -> CriticalClip | None:
    """Return the first output step from sample ``begin`` on that is ``ahead``, in so many hops."""
    try:
        trace = run_traced(section, hops, timed.trace.real_values)
    except Exception:  # a model may refuse a short clip with any error
        return None
    starts = step_starts(len(trace.latest), period)
    inside = (starts >= begin) & (trace.latest < hops * section.target.hop_samples - 1)
    at = (inside & (trace.latest - starts == ahead)).nonzero().flatten()
    if not len(at):
        return None
    return CriticalClip(section, hops, trace, int(at[0]), int(starts[at[0]]))
