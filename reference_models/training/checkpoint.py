"""Checkpoints: the state of a run in a safetensors file, with its description as metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn, optim

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest_summary import ManifestSummary
from reference_models.nn.tensor_file import TensorFile, read_tensor_file, write_tensor_file
from reference_models.training.models import Models

FORMAT, VERSION = "lrac-training", "1"
REQUIRED = ("position", "configuration", "audit", "validation")
"""Fields of a description that every file has."""
MOMENTS = ("exp_avg", "exp_avg_sq", "step")
"""State that the optimiser keeps of each parameter, once it has been updated."""


class Position(NamedTuple):
    """The position of a run; everything counts from 0."""

    epoch: int
    batch: int
    """Batches of ``epoch`` that are done."""
    step: int
    """Steps that are done."""


class CurvePoint(NamedTuple):
    """The result of the validation after an epoch."""

    epoch: int
    """Epochs that were done."""
    step: int
    """Steps that were done."""
    mel: Mapping[str, float]
    """Mel losses by bitrate, and their mean."""


class Description(NamedTuple):
    """The description of a checkpoint: position, configuration, audit, validation and data."""

    position: Position
    configuration: Mapping[str, Any]
    """As plain data, with the design."""
    audit: Mapping[str, Any]
    """The audit's JSON document."""
    validation: Mapping[str, float] | None
    """The validation's mel losses by bitrate, and their mean; None inside an epoch."""
    data: Mapping[str, ManifestSummary] | None = None
    """Summaries of the manifests by their names; None in files of earlier releases."""
    curve: Sequence[CurvePoint] = ()
    """Validations of all epochs so far; none in files of earlier releases."""


def save_checkpoint(path: Path, models: Models, description: Description) -> None:
    """Write the state of ``models``; an older file is replaced in one step.

    Raises:
        InputError: the file cannot be written.
    """
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        **{name: json.dumps(value) for name, value in description._asdict().items()},
    }
    codec, discriminators = (learner.state() for learner in _learners(models))
    write_tensor_file(path, codec | discriminators, metadata)


def read_description(path: Path) -> Description:
    """Return the description of the checkpoint at ``path``; its tensors are not read.

    Raises:
        InputError: the file cannot be read or is no checkpoint.
    """
    metadata = _read(path, metadata_only=True).metadata
    try:
        fields = {name: json.loads(metadata[name]) for name in REQUIRED}
        fields["position"] = Position(*map(int, fields["position"]))
        data = json.loads(metadata.get("data", "null"))
        if data is not None:
            fields["data"] = {name: ManifestSummary(*summary) for name, summary in data.items()}
        points = json.loads(metadata.get("curve", "[]"))
        fields["curve"] = tuple(CurvePoint(*point) for point in points)
    except (AttributeError, KeyError, TypeError, ValueError):
        problem = Problem("metadata", "something else", ", ".join(Description._fields))
        raise InputError(str(path), [problem]) from None
    return Description(**fields)


def load_checkpoint(path: Path, models: Models) -> None:
    """Put ``models`` into the state that the checkpoint at ``path`` holds.

    Raises:
        InputError: the file cannot be read or its tensors are not those of ``models``.
    """
    file = _read(path)
    learners = _learners(models)
    expected: dict[str, Tensor] = {}
    for learner in learners:
        expected |= learner.expected(file.tensors)
    problems = list(file.misfits(expected))
    if problems:
        raise InputError(str(path), problems)
    for learner in learners:
        learner.load(file.tensors)


class _Learner(NamedTuple):
    """A network and its optimiser, with their name in a checkpoint."""

    name: str
    network: nn.Module
    optimizer: optim.Optimizer

    def state(self) -> dict[str, Tensor]:
        """Return the tensors to be saved, by their names in the checkpoint."""
        tensors = {f"{self.name}.{key}": x for key, x in self.network.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            memory = self.optimizer.state.get(parameter, {})
            tensors |= {self._key(name, moment): value for moment, value in memory.items()}
        return tensors

    def expected(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the tensors of a checkpoint, with optimiser state only where it was ``given``."""
        tensors = {f"{self.name}.{key}": x for key, x in self.network.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            keys = {moment: self._key(name, moment) for moment in MOMENTS}
            if not given.keys().isdisjoint(keys.values()):
                like = {"step": parameter.new_zeros(())}
                tensors |= {keys[moment]: like.get(moment, parameter) for moment in MOMENTS}
        return tensors

    def load(self, given: Mapping[str, Tensor]) -> None:
        """Load the state."""
        own = {key: given[f"{self.name}.{key}"] for key in self.network.state_dict()}
        self.network.load_state_dict(own)
        memories = {
            i: {moment: given[self._key(name, moment)] for moment in MOMENTS}
            for i, (name, _) in enumerate(self.network.named_parameters())
            if self._key(name, "step") in given
        }
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": memories, "param_groups": groups})

    def _key(self, parameter: str, moment: str) -> str:
        return f"{self.name}_optimizer.{parameter}.{moment}"


def _learners(models: Models) -> tuple[_Learner, _Learner]:
    return (
        _Learner("codec", models.codec, models.codec_optimizer),
        _Learner("discriminators", models.discriminators, models.discriminator_optimizer),
    )


def _read(path: Path, metadata_only: bool = False) -> TensorFile:
    file = read_tensor_file(path, metadata_only)
    for field, wanted in (("format", FORMAT), ("version", VERSION)):
        if (given := file.metadata.get(field)) != wanted:
            raise InputError(str(path), [Problem(field, shown(given), wanted)])
    return file
