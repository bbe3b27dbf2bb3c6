"""Signals of a program: the time steps that a buffer holds, and which of them lie in the clip.

Frames are processed one by one, and each layer gives as many steps in every frame. A layer that
looks ahead therefore gives its steps late: row ``i`` of frame ``f`` is step ``f rows + i - lag``.
Rows before step 0, and rows from the clip's end on, are no steps of the clip. A layer with memory
takes zeros for them, as the padding of a whole clip has zeros at each layer's own input.
"""

from __future__ import annotations

from typing import NamedTuple


class RateChange(NamedTuple):
    """A change of the number of steps: ``up`` steps for every ``down``, rounded up."""

    up: int
    down: int


class Signal(NamedTuple):
    """A value of a program as the steps of one signal."""

    name: str
    """The value that holds it."""
    rows: int
    """Steps of one frame."""
    columns: int
    """Channels."""
    lag: int
    """Steps that it comes late."""
    length: tuple[RateChange, ...]
    """The changes that lead from the length of a side's input to its own."""

    @property
    def valid(self) -> ValidRows:
        """The rows that are steps of the clip."""
        return ValidRows(self.rows, self.lag, self.length)

    def of(self, name: str, columns: int | None = None) -> Signal:
        """Return a signal of the same steps in the value ``name``."""
        return self._replace(name=name, columns=self.columns if columns is None else columns)

    def slower(self, name: str, columns: int, stride: int, lag: int) -> Signal:
        """Return a signal with one step for every ``stride`` of this one."""
        length = extended(self.length, RateChange(1, stride))
        return Signal(name, self.rows // stride, columns, lag, length)

    def faster(self, name: str, columns: int, factor: int, trimmed: int = 0) -> Signal:
        """Return a signal with ``factor`` steps for each of this one, the first few trimmed."""
        length = extended(self.length, RateChange(factor, 1))
        return Signal(name, self.rows * factor, columns, self.lag * factor + trimmed, length)


class ValidRows(NamedTuple):
    """The rows of a signal that are steps of the clip."""

    rows: int
    lag: int
    length: tuple[RateChange, ...]

    @property
    def start_frames(self) -> int:
        """Frames at the start of a stream with rows before step 0."""
        return -(-self.lag // self.rows)

    def within(self, frame: int, input_steps: int | None) -> range:
        """Return the rows of frame ``frame`` that lie in a clip of so many steps of input.

        ``input_steps`` is None while a stream has not ended.
        """
        first_step = frame * self.rows - self.lag
        first = min(max(-first_step, 0), self.rows)
        if input_steps is None:
            return range(first, self.rows)
        end = steps_of(self.length, input_steps) - first_step
        return range(first, min(max(end, first), self.rows))


def extended(length: tuple[RateChange, ...], change: RateChange) -> tuple[RateChange, ...]:
    """Return ``length`` with one more ``change``; two of one direction in a row become one."""
    if change == RateChange(1, 1):
        return length
    if length and (length[-1].up == change.up == 1 or length[-1].down == change.down == 1):
        last = length[-1]
        return (*length[:-1], RateChange(last.up * change.up, last.down * change.down))
    return (*length, change)


def steps_of(length: tuple[RateChange, ...], input_steps: int) -> int:
    """Return the steps that a clip of ``input_steps`` has after the changes ``length``."""
    for up, down in length:
        input_steps = -(-input_steps * up // down)
    return input_steps
