"""Callback that logs a run for TensorBoard."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from reference_models.nn.codebook import trained_codebooks
from reference_models.training.loop import Callback, Run, StepReport
from reference_models.training.mel import LogMel
from reference_models.training.run_description import Position
from reference_models.training.throughput import ThroughputMeter
from reference_models.training.validation import Sample, Validation

EVERY_STEPS = 10
"""Steps between two points of a curve; the first step has one."""
SHOWN_WINDOW = 1024
"""Samples of the windows of logged spectrograms."""
SHOWN_RANGE = (-9.0, 3.0)
"""Logarithmic amplitudes that are drawn black and white."""


class TensorBoardLog(Callback):
    """Writes curves, spectrograms and audio."""

    def __init__(self, run: Run, first: Position, meter: ThroughputMeter) -> None:
        """Log from the position ``first``; later points of an interrupted run are hidden.

        Points stand at the number of steps that were done, so that those of ``first`` itself, such
        as the validation of an epoch that ended there, stay.
        """
        self._run = run
        self._meter = meter
        self._writer = SummaryWriter(str(run.folder.board), purge_step=first.step + 1)
        self._log_mel = LogMel(run.configuration.design.sample_rate_hz, SHOWN_WINDOW)
        self._targets_shown = False

    def close(self) -> None:
        """Write buffered events and close the file."""
        self._writer.close()

    def stepped(self, report: StepReport) -> None:
        """See :class:`Callback`."""
        if report.position.step % EVERY_STEPS:
            return
        step = report.position.step + 1
        weights = self._run.configuration.loss_weights
        for name, loss in report.losses.items():
            self._writer.add_scalar(f"loss/{name}", loss.item(), step)
            if name in weights:
                self._writer.add_scalar(f"weighed loss/{name}", weights[name] * loss.item(), step)
        for name, value in (
            ("learning rate", report.rate),
            ("active layers", report.layers),
            ("speed/seconds of audio per second", self._meter.audio_s_per_s),
            ("speed/utilisation", self._meter.utilisation),
            ("speed/waiting", self._meter.waiting),
        ):
            self._writer.add_scalar(name, value, step)

    def saved(self, position: Position) -> None:
        """See :class:`Callback`."""
        self._writer.flush()

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """See :class:`Callback`."""
        step = position.step
        for name, loss in validation.mel.items():
            self._writer.add_scalar(f"validation mel/{name}", loss, step)
        for i, use in enumerate(validation.codebooks, start=1):
            self._writer.add_scalar(f"codebook use/layer {i}", use.share, step)
            self._writer.add_scalar(f"codebook perplexity/layer {i}", use.perplexity, step)
        self._writer.add_scalar("latent/effective directions", validation.latent.directions, step)
        for i, share in enumerate(validation.latent.residual_shares, start=1):
            self._writer.add_scalar(f"residual share/layer {i}", share, step)
        self._replacements(step)
        for i, sample in enumerate(validation.samples, start=1):
            self._sample(f"sample {i}", sample, step)
        self._targets_shown = True
        self._writer.flush()

    def _replacements(self, step: int) -> None:
        """Log the dead codewords that were replaced in the epoch."""
        codebooks = trained_codebooks(self._run.models.codec.quantizer)
        for i, codebook in enumerate(codebooks, start=1):
            self._writer.add_scalar(f"dead codes replaced/layer {i}", codebook.replaced, step)
            codebook.replaced = 0

    def _sample(self, tag: str, sample: Sample, step: int) -> None:
        rate_hz = self._run.configuration.design.sample_rate_hz
        both = {"output": sample.output}
        if not self._targets_shown:
            both["target"] = sample.target
        for name, audio in both.items():
            title = f"{tag}, {name}"
            self._writer.add_audio(title, audio.clamp(-1, 1).unsqueeze(0), step, rate_hz)
            self._writer.add_image(title, self._picture(audio), step)

    def _picture(self, audio: Tensor) -> Tensor:
        """Return an image ``[1, mels, frames]`` from 0 to 1, low frequencies at the bottom."""
        low, high = SHOWN_RANGE
        with torch.no_grad():
            levels: Tensor = self._log_mel(audio.view(1, 1, -1))
        return ((levels - low) / (high - low)).clamp(0, 1).transpose(1, 2).flip(1)
