"""Ctrl-C between two steps instead of inside one."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reference_models.training.distributed import ProcessGroup


@contextmanager
def postponed_interrupts(processes: ProcessGroup) -> Iterator[Callable[[], bool]]:
    """A function that says whether an interruption has come; the second one is not held back.

    With several processes nothing is: they would stop at different steps and wait for each other.
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
