"""The training loop: steps, validations and checkpoints, from any position of a run to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from lrac_audit.errors import InputError, Problem
from reference_models.data.batch import Batch
from reference_models.data.manifest_summary import ManifestSummary
from reference_models.training.codebook_start import needs_start, start_codebooks
from reference_models.training.configuration import Configuration
from reference_models.training.distributed import ProcessGroup
from reference_models.training.models import Models, drawn_layers, judges, seed_step
from reference_models.training.run_description import CurvePoint, Description, Position
from reference_models.training.run_folder import RunFolder
from reference_models.training.step import NotFiniteError
from reference_models.training.validation import Validation, validate


class Windows(Protocol):
    """A source of batches."""

    @property
    def skipped(self) -> Sized:
        """Files that could not be read so far."""

    def batches_in_epoch(self, number: int) -> int:
        """Return how many batches epoch ``number`` has."""

    def epoch(self, number: int, skip_batches: int = 0) -> Iterator[Batch]:
        """Return the batches of an epoch, without the first ``skip_batches``."""


class StepReport(NamedTuple):
    """The results of one step."""

    position: Position
    """Position before the step."""
    layers: int
    """RVQ layers that were trained."""
    rate: float
    """The learning rate."""
    losses: Mapping[str, Tensor]
    """Losses by name, without weights."""
    audio_s: float
    """Seconds of audio in the step, in all processes together."""
    step_s: float
    waited_s: float
    """Seconds of waiting for the batch, before the step."""


class Callback:
    """The events of a run, each of which calls a method; by default none does anything."""

    def epoch_begins(self, epoch: int, batches: int, done: int) -> None:
        """Handle the start of an epoch of ``batches``, of which ``done`` were done before."""

    def stepped(self, report: StepReport) -> None:
        """Handle the end of a step."""

    def saved(self, position: Position) -> None:
        """Handle a checkpoint inside an epoch, after it was written."""

    def validated(self, position: Position, validation: Validation, is_best: bool) -> None:
        """Handle the end of an epoch, after it was validated and saved."""


@dataclass(frozen=True, slots=True)
class Run:
    """The parts of a training run."""

    configuration: Configuration
    models: Models
    training: Windows
    validation: Windows
    processes: ProcessGroup
    folder: RunFolder
    audit: Mapping[str, Any]
    """JSON document of the design's audit."""
    configuration_tree: Mapping[str, Any]
    data: Mapping[str, ManifestSummary]
    """Summaries of the manifests."""
    curve: list[CurvePoint]
    """Validations so far, to which each epoch adds its own."""


def train(run: Run, position: Position, callback: Callback, stop: Callable[[], bool]) -> None:
    """Train from ``position`` until all epochs are done, or ``stop()`` is true after a step.

    Raises:
        InputError: a file cannot be read or written, or a loss is not finite; the last checkpoint
            is whole.
        KeyboardInterrupt: ``stop()`` was true; the state is saved.
    """
    while position.epoch < run.configuration.epochs:
        position = _epoch(run, position, callback, stop)
        if stop():
            raise KeyboardInterrupt


def _epoch(run: Run, position: Position, callback: Callback, stop: Callable[[], bool]) -> Position:
    epoch = position.epoch
    batches = run.training.batches_in_epoch(epoch)
    callback.epoch_begins(epoch, batches, position.batch)
    with closing(run.training.epoch(epoch, position.batch)) as coming:  # type: ignore[type-var]
        asked = time.perf_counter()
        for batch in coming:
            callback.stepped(_step(run, position, batch, time.perf_counter() - asked))
            position = Position(epoch, position.batch + 1, position.step + 1)
            stopping = stop()
            is_due = position.step % run.configuration.checkpoints.every_steps == 0
            if stopping or (is_due and position.batch < batches):
                _save(run, position, None)
                callback.saved(position)
            if stopping:
                raise KeyboardInterrupt
            asked = time.perf_counter()
    validation = _validate(run, position)
    position = Position(epoch + 1, 0, position.step)
    if validation.is_ranked:
        run.curve.append(CurvePoint(position.epoch, position.step, validation.mel))
    callback.validated(position, validation, _save(run, position, validation))
    return position


def _step(run: Run, position: Position, batch: Batch, waited_s: float) -> StepReport:
    began = time.perf_counter()
    configuration, models = run.configuration, run.models
    layers = drawn_layers(configuration, position.step)
    rate = configuration.optimisation.rate(position.epoch, position.step)
    models.set_rate(rate)
    if layers and needs_start(configuration, models.codec):
        _start(run, position)
    seed_step(configuration, position.step)
    judging = judges(configuration, position.step)
    try:
        losses = models.stepper.step(batch.to(run.processes.device), layers, judges=judging)
    except NotFiniteError as error:
        raise _not_finite(run, position, batch, error) from None
    if run.processes.device.type == "cuda":
        torch.cuda.synchronize()
    samples = configuration.batch_size * configuration.window_samples
    audio_s = samples / configuration.design.sample_rate_hz
    step_s = time.perf_counter() - began
    return StepReport(position, layers, rate, losses, audio_s, step_s, waited_s)


def _start(run: Run, position: Position) -> None:
    """Start the codebooks from windows of the current epoch, from its beginning."""
    seed_step(run.configuration, position.step)
    with closing(run.training.epoch(position.epoch)) as batches:  # type: ignore[type-var]
        start_codebooks(run.models.codec, batches, run.processes)


def _not_finite(run: Run, position: Position, batch: Batch, error: NotFiniteError) -> InputError:
    losses = {name: str(loss) for name, loss in error.losses.items()}
    details = {**position._asdict(), "rank": run.processes.rank, "losses": losses}
    run.folder.save_failed_batch({**details, "ids": list(batch.ids)})
    allowed = f"finite losses; {run.folder.failed_batch} names the batch's windows"
    problems = [
        Problem(f"step {position.step}: {name}", loss, allowed)
        for name, loss in losses.items()
        if loss in ("nan", "inf", "-inf")
    ]
    return InputError(str(run.folder.path), problems)


def _validate(run: Run, position: Position) -> Validation:
    codec, mel, step = run.models.codec, run.models.mel, position.step - 1
    return validate(codec, mel, run.validation.epoch(0), run.configuration, run.processes, step)


def _save(run: Run, position: Position, validation: Validation | None) -> bool:
    """Save the state, in the first process; return whether it is the best so far."""
    mel = validation.mel if validation is not None and validation.is_ranked else None
    is_best = False
    if run.processes.is_first:
        description = Description(
            position, run.configuration_tree, run.audit, mel, run.data, run.curve
        )
        keep = run.configuration.checkpoints.keep_best
        is_best = run.folder.save(run.models, description, keep)
    run.processes.wait()
    return is_best
