"""Estimate of the time that a run still takes, from how fast it has been so far."""

from __future__ import annotations

import time
from collections.abc import Callable

from reference_models.training.loop import Callback, StepReport

MINUTE, HOUR, DAY = 60, 3600, 86_400


class TimeLeft(Callback):
    """The steps that are left, at the mean pace since this process began to train.

    The pace counts the whole time, so that validations and checkpoints have their share. Epochs to
    come are taken to be as long as the current one.
    """

    def __init__(self, epochs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._epochs = epochs
        self._clock = clock
        self._began_s: float | None = None
        self._steps = 0
        self._steps_left = 0

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """See :class:`Callback`."""
        if self._began_s is None:
            self._began_s = self._clock()
        self._steps_left = batches * (self._epochs - epoch) - done

    def stepped(self, report: StepReport) -> None:
        """See :class:`Callback`."""
        self._steps += 1
        self._steps_left -= 1

    @property
    def seconds(self) -> float | None:
        """The estimate; None before the first step."""
        if self._began_s is None or not self._steps:
            return None
        return self._steps_left * (self._clock() - self._began_s) / self._steps

    def phrase(self, before: str) -> str:
        """Return the estimate as text that follows on ``before``; empty where nothing is left."""
        seconds = self.seconds
        return f"{before}{duration(seconds)} left" if seconds else ""


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units, such as ``3 h 12 min``."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    hours, days = minutes * MINUTE // HOUR, minutes * MINUTE // DAY
    if not hours:
        return f"{minutes} min"
    if not days:
        return f"{hours} h {minutes % 60} min"
    return f"{days} d {hours % 24} h"
