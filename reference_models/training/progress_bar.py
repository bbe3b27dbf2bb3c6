"""Callback that shows a progress bar in a terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reference_models.training.checkpoint import Position
from reference_models.training.loop import Run, StepReport
from reference_models.training.throughput import ThroughputMeter
from reference_models.training.validation import Validation


class ProgressBar:
    """Shows the current epoch, the last mel loss, and seconds of audio trained on per second."""

    def __init__(self, run: Run, meter: ThroughputMeter, console: Console) -> None:
        self._epochs = run.configuration.epochs
        self._meter = meter
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[seen]}"),
            console=console,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
        )
        self._task = self._progress.add_task("starting", total=None, seen="")
        self._progress.start()

    def close(self) -> None:
        """Remove the bar."""
        self._progress.stop()

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """See :class:`Callback`."""
        title = f"epoch {epoch + 1}/{self._epochs}"
        self._progress.reset(self._task, total=batches, completed=done, description=title)

    def stepped(self, report: StepReport) -> None:
        """See :class:`Callback`."""
        seen = f"mel {report.losses['mel'].item():.2f}, {self._meter.audio_s_per_s:.1f} s/s"
        self._progress.update(self._task, advance=1, seen=seen)

    def saved(self, position: Position) -> None:
        """See :class:`Callback`."""

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """See :class:`Callback`."""
