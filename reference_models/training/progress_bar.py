"""Callback that shows a progress bar in a terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reference_models.training.loop import Callback, Run, StepReport
from reference_models.training.throughput import ThroughputMeter
from reference_models.training.time_left import TimeLeft


class ProgressBar(Callback):
    """Shows the epoch, the last mel loss, seconds of audio per second, and the time left."""

    def __init__(
        self, run: Run, meter: ThroughputMeter, time_left: TimeLeft, console: Console
    ) -> None:
        self._epochs = run.configuration.epochs
        self._meter = meter
        self._time_left = time_left
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
        seen += self._time_left.phrase(", ")
        self._progress.update(self._task, advance=1, seen=seen)
