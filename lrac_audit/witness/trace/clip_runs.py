"""Run a codec on clips of the lengths that are asked for, each once, as far as is affordable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lrac_audit.witness.trace.periods import OutOfReach
from lrac_audit.witness.trace.traced_run import TracedRun

STARTS_IN_HOPS = (12, 60, 360)
"""Lengths to begin with: the first that runs. The longer ones are for models that refuse short
clips."""
LONGEST_UNIT = 64
"""A model may accept only multiples of up to this many hops."""
BEYOND_SECONDS = 31
LOOPED_RECORDS = 60_000
"""The most operations of the longest of the first three clips, if a loop makes them grow."""


class Reach(NamedTuple):
    """How far a trace may go."""

    on_meta: bool
    """Whether it computes no values."""
    longest_hops: int
    records: int
    """How many operations may be recorded, those of all clips together."""
    distances: tuple[int, ...]
    """How many steps the longest of the first three clips may be beyond the shortest. They are
    prime, so that no shorter period is a whole number of times in them."""


WITHOUT_VALUES = Reach(True, 8192, 150_000, (349, 149, 47, 23, 11, 5))
WITH_VALUES = Reach(False, 200, 300_000, (47, 23, 11, 5))


class Axis(NamedTuple):
    """The lengths that a model accepts, in hops: ``offset + step * unit`` for whole steps."""

    offset: int
    unit: int
    start: int
    """The shortest length to be used, in steps."""
    far: int
    """A length that is a prime number of steps beyond the start."""
    beyond: int | None
    """A length of half a minute, where it costs no more to run than the others."""

    def hops(self, step: int) -> int:
        """Return a length in hops."""
        return self.offset + step * self.unit


@dataclass
class ClipRuns:
    """The runs of a codec, by length in hops."""

    run: Callable[[int], TracedRun]
    reach: Reach
    done: dict[int, TracedRun | None] = field(default_factory=dict)
    """The runs by length; None where the model refused it."""
    failures: dict[int, Exception] = field(default_factory=dict)
    """What the model raised, by length."""
    records: int = 0
    """How many operations were recorded, in all runs together."""

    def at(self, hops: int) -> TracedRun:
        """Return the run of this length.

        Raises:
            OutOfReach: the model refuses it, or it costs too much.
        """
        if hops not in self.done:
            if hops > self.reach.longest_hops or self.records >= self.reach.records:
                raise OutOfReach
            self.done[hops] = self._tried(hops)
        found = self.done[hops]
        if found is None:
            raise OutOfReach
        return found

    def _tried(self, hops: int) -> TracedRun | None:
        try:
            found = self.run(hops)
        except Exception as error:  # whatever a third party's module raises
            self.failures[hops] = error
            return None
        self.records += found.records
        return found

    def accepts(self, hops: int) -> bool:
        """Return whether the codec runs at this length."""
        try:
            self.at(hops)
        except OutOfReach:
            return False
        return True

    def successful(self) -> list[TracedRun]:
        """Return the runs that were made, the shortest first."""
        return [run for _, run in sorted(self.done.items()) if run is not None]


def find_axis(runs: ClipRuns, hops_per_s: float) -> Axis | None:
    """Return the lengths that the codec accepts; None where no two of them are found."""
    starts = dict.fromkeys([*STARTS_IN_HOPS, *range(1, LONGEST_UNIT + 1)])
    start = next((hops for hops in starts if runs.accepts(hops)), None)
    if start is None:
        return None
    units = range(1, LONGEST_UNIT + 1)
    unit = next((unit for unit in units if runs.accepts(start + unit)), None)
    if unit is None:
        return None
    step, offset = divmod(start, unit)
    far = _far_step(runs, start, unit)
    if far is None:
        return None
    axis = Axis(offset, unit, step, step + far, None)
    return axis._replace(beyond=_beyond(runs, axis, hops_per_s))


def _beyond(runs: ClipRuns, axis: Axis, hops_per_s: float) -> int | None:
    """Return a length of half a minute in steps; None where it is not affordable."""
    is_looped = runs.at(axis.hops(axis.start)).records != runs.at(axis.hops(axis.far)).records
    beyond = min(int(BEYOND_SECONDS * hops_per_s), runs.reach.longest_hops) // axis.unit - 1
    if is_looped or beyond <= axis.far or not runs.accepts(axis.hops(beyond)):
        return None
    return beyond


def _far_step(runs: ClipRuns, start: int, unit: int) -> int | None:
    """Return the farthest distance that the codec accepts and that is affordable."""
    distances = runs.reach.distances
    first, second = runs.at(start).records, runs.at(start + unit).records
    longest = max(distances[0], distances[-2] * unit)
    fitting = _affordable([d for d in distances if d * unit <= longest], first, second - first)
    return next((d for d in fitting if runs.accepts(start + d * unit)), None)


def _affordable(distances: Sequence[int], records: int, per_step: int) -> list[int]:
    """Return the distances at which no loop makes too many records; at least the shortest."""
    fitting = [d for d in distances if per_step <= 0 or records + per_step * d <= LOOPED_RECORDS]
    return fitting or [distances[-1]]
