"""Who is told of a run: its user, in lines and by a bar, and TensorBoard."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from reference_models.training.board import Board
from reference_models.training.checkpoint import Position
from reference_models.training.cost import StepCost, attainable_flops_per_s
from reference_models.training.lines import Lines
from reference_models.training.loop import Listener, Run, StepReport
from reference_models.training.speed import Meter
from reference_models.training.validation import Validation


class Everyone:
    """Passes everything on, in order; measures the speed first."""

    def __init__(self, meter: Meter | None, listeners: Sequence[Listener]) -> None:
        self._meter = meter
        self._listeners = listeners

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """See :class:`Listener`."""
        for listener in self._listeners:
            listener.epoch_begins(epoch, batches, done)

    def stepped(self, report: StepReport) -> None:
        """See :class:`Listener`."""
        if self._meter is not None:
            self._meter.add(report)
        for listener in self._listeners:
            listener.stepped(report)

    def saved(self, position: Position) -> None:
        """See :class:`Listener`."""
        for listener in self._listeners:
            listener.saved(position)

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """See :class:`Listener`."""
        for listener in self._listeners:
            listener.validated(position, validation, is_best)


@contextmanager
def reporting(
    run: Run, first: Position, cost: StepCost | None, say: Callable[[str], None]
) -> Iterator[Listener]:
    """Those who listen to a run from ``first`` on; nobody without a ``cost``.

    The bar is for people only: where standard error is no terminal, rich is not even imported.
    """
    if cost is None:
        yield Everyone(None, [])
        return
    attainable = run.processes.count * attainable_flops_per_s(run.processes.device)
    meter = Meter(cost.flops_per_audio_s, attainable)
    with ExitStack() as stack:
        board = Board(run, first, meter)
        stack.callback(board.close)
        listeners: list[Listener] = [board, Lines(run, say, meter)]
        if sys.stderr.isatty():
            from rich.console import Console

            from reference_models.training.bar import Bar

            bar = Bar(run, meter, Console(stderr=True))
            stack.callback(bar.close)
            listeners.append(bar)
        yield Everyone(meter, listeners)
