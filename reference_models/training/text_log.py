"""Callback that reports a run in lines of text."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from reference_models.training.collapse import collapse_signs
from reference_models.training.latent_use import LatentUse
from reference_models.training.loop import Callback, Run, StepReport
from reference_models.training.run_description import Position
from reference_models.training.throughput import ThroughputMeter
from reference_models.training.time_left import TimeLeft
from reference_models.training.validation import Validation


class TextLog(Callback):
    """Reports one line per epoch, and one per checkpoint inside an epoch."""

    def __init__(
        self, run: Run, say: Callable[[str], None], meter: ThroughputMeter, time_left: TimeLeft
    ) -> None:
        self._epochs = run.configuration.epochs
        self._say = say
        self._meter = meter
        self._time_left = time_left
        self._skipped = run.training.skipped
        self._steps = 0
        self._sums: dict[str, Tensor] = {}

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """See :class:`Callback`."""
        self._steps, self._sums = 0, {}

    def stepped(self, report: StepReport) -> None:
        """See :class:`Callback`."""
        self._steps += 1
        for name, loss in report.losses.items():
            self._sums[name] = self._sums.get(name, 0) + loss

    def saved(self, position: Position) -> None:
        """See :class:`Callback`."""
        self._say(f"{self._so_far(position.epoch, position.step)}; saved\n")

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """See :class:`Callback`."""
        mel = ", ".join(f"{name} {loss:.4f}" for name, loss in validation.mel.items())
        best = ", the best so far" if is_best else ""
        so_far = self._so_far(position.epoch - 1, position.step)
        skipped = f"; {len(self._skipped)} files skipped" if self._skipped else ""
        self._say(f"{so_far}{skipped}; validation mel: {mel}{best}; {_used(validation.latent)}\n")
        signs = list(collapse_signs(validation))
        if signs:
            self._say(f"warning: signs of a collapse: {'; '.join(signs)}\n")

    def _so_far(self, epoch: int, step: int) -> str:
        losses = ", ".join(f"{n} {(x / self._steps).item():.4f}" for n, x in self._sums.items())
        measured = f"{self._meter}{self._time_left.phrase(', ')}"
        return f"epoch {epoch + 1}/{self._epochs}, step {step}: {losses}; {measured}"


def _used(latent: LatentUse) -> str:
    """Return the effective directions, and the share that all layers leave."""
    text = f"{latent.directions:.1f} of {latent.width} directions used"
    if latent.residual_shares:
        text += f", residual {latent.residual_shares[-1]:.2f}"
    return text
