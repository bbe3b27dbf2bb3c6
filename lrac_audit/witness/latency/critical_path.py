"""The critical path: the chain of operations by which the latest input comes into the output.

Of the results that an operation is made from, the one that depends on the critical input sample
earliest is on the critical path; of parallel paths that is the one with the larger look-ahead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrac_audit.witness.dependency.operations import Operation
from lrac_audit.witness.latency.timed_trace import TimedTrace, along, first_at_least


class Onsets:
    """The first step of each result that depends on one input step, or on a later one."""

    def __init__(self, timed: TimedTrace, input_step: int) -> None:
        self.timed = timed
        self.input_step = input_step
        self._first: dict[Operation, int | None] = {}

    def first_step(self, operation: Operation) -> int | None:
        """Return the first step of ``operation``; None without one growing axis, or where none."""
        if operation not in self._first:
            axis = self.timed.axis(operation)
            steps = None if axis is None else along(operation.latest, axis)
            self._first[operation] = (
                None if steps is None else first_at_least(steps, self.input_step)
            )
        return self._first[operation]

    def place(self, operation: Operation) -> tuple[int, int]:
        """Return what to compare parallel results by: the earliest, of equal ones the last made."""
        return self.first_sample(operation), -self.timed.place[operation]

    def first_sample(self, operation: Operation) -> int:
        """Return the audio sample at which that step starts."""
        return int(self._step(operation) * self.timed.period(operation))

    def end_sample(self, operation: Operation) -> int:
        """Return the last audio sample of that step."""
        return int((self._step(operation) + 1) * self.timed.period(operation)) - 1

    def _step(self, operation: Operation) -> int:
        step = self.first_step(operation)
        assert step is not None
        return step

    def reaches(self, operation: Operation) -> bool:
        """Return whether any element of ``operation`` depends on the input step."""
        return operation.latest.numel() > 0 and int(operation.latest.max()) >= self.input_step


def critical_path(onsets: Onsets, end: Operation) -> list[Operation]:
    """Return the operations on the critical path, from the input to ``end``."""
    path: list[Operation] = []
    operation: Operation | None = end
    while operation is not None:
        path.append(operation)
        found = _timed(onsets, operation.sources)
        operation = min(found, key=onsets.place, default=None)
    return path[::-1]


def _timed(onsets: Onsets, sources: Sequence[Operation]) -> Iterator[Operation]:
    """Yield the nearest results with one time axis behind ``sources`` on which the step acts."""
    waiting, seen = list(sources), set(sources)
    while waiting:
        operation = waiting.pop()
        if onsets.first_step(operation) is not None:
            yield operation
        elif onsets.timed.axis(operation) is None and onsets.reaches(operation):
            more = set(operation.sources) - seen
            waiting += more
            seen |= more
