"""Postponement of Ctrl-C from inside a step to its end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reference_models.training.distributed import ProcessGroup


@contextmanager
def postponed_interrupts(processes: ProcessGroup) -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether Ctrl-C was pressed; a second press interrupts at once.

    With several processes interruptions are not postponed: the processes would stop at different
    steps and wait for each other.
    """
    came = False

    def note(*_: object) -> None:
        nonlocal came
        came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if processes.count > 1:
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGINT, before)
