"""A run as lines of text."""

from __future__ import annotations

from collections.abc import Callable

import torch

from reference_models.training.checkpoint import Position
from reference_models.training.loop import Run, StepReport
from reference_models.training.validation import Validation


class Lines:
    """Says one line an epoch, and one for every checkpoint inside of one."""

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        self._epochs = run.configuration.epochs
        self._say = say
        self._reports: list[StepReport] = []

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """See :class:`Listener`."""
        self._reports = []

    def stepped(self, report: StepReport) -> None:
        """See :class:`Listener`."""
        self._reports.append(report)

    def saved(self, position: Position) -> None:
        """See :class:`Listener`."""
        self._say(f"{self._where(position.epoch, position.step)}: {self._steps()}; saved\n")
        self._reports = []

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """See :class:`Listener`."""
        mel = ", ".join(f"{name} {loss:.4f}" for name, loss in validation.mel.items())
        best = ", the best so far" if is_best else ""
        where = self._where(position.epoch - 1, position.step)
        self._say(f"{where}: {self._steps()}; validation mel {mel}{best}\n")

    def _where(self, epoch: int, step: int) -> str:
        return f"epoch {epoch + 1}/{self._epochs}, step {step}"

    def _steps(self) -> str:
        if not self._reports:
            return "no steps"
        names = self._reports[0].losses
        means = {n: torch.stack([r.losses[n] for r in self._reports]).mean().item() for n in names}
        return ", ".join(f"{name} {value:.4f}" for name, value in means.items())
