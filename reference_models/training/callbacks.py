"""Callbacks of a training run: lines of text, a progress bar and TensorBoard."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from reference_models.training.cost import StepCost, attainable_flops_per_s
from reference_models.training.loop import Callback, Run, StepReport
from reference_models.training.run_description import Position
from reference_models.training.tensorboard_log import TensorBoardLog
from reference_models.training.text_log import TextLog
from reference_models.training.throughput import ThroughputMeter
from reference_models.training.time_left import TimeLeft
from reference_models.training.validation import Validation


class CallbackList(Callback):
    """A callback that calls others in order."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self._callbacks = callbacks

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """See :class:`Callback`."""
        for callback in self._callbacks:
            callback.epoch_begins(epoch, batches, done)

    def stepped(self, report: StepReport) -> None:
        """See :class:`Callback`."""
        for callback in self._callbacks:
            callback.stepped(report)

    def saved(self, position: Position) -> None:
        """See :class:`Callback`."""
        for callback in self._callbacks:
            callback.saved(position)

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """See :class:`Callback`."""
        for callback in self._callbacks:
            callback.validated(position, validation, is_best)


@contextmanager
def run_callbacks(
    run: Run, first: Position, cost: StepCost | None, say: Callable[[str], None]
) -> Iterator[Callback]:
    """Yield the callback of a run from ``first`` on; without a ``cost``, one that does nothing.

    The bar is shown only where standard error is a terminal; elsewhere rich is not imported.
    """
    if cost is None:
        yield CallbackList([])
        return
    attainable = run.processes.count * attainable_flops_per_s(run.processes.device)
    meter = ThroughputMeter(cost.flops_per_audio_s, attainable)
    time_left = TimeLeft(run.configuration.epochs)
    with ExitStack() as stack:
        board = TensorBoardLog(run, first, meter)
        stack.callback(board.close)
        # What measures comes before what shows it.
        callbacks: list[Callback] = [meter, time_left, board, TextLog(run, say, meter, time_left)]
        if sys.stderr.isatty():
            from rich.console import Console

            from reference_models.training.progress_bar import ProgressBar

            bar = ProgressBar(run, meter, time_left, Console(stderr=True))
            stack.callback(bar.close)
            callbacks.append(bar)
        yield CallbackList(callbacks)
