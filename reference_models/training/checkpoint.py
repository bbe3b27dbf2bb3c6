"""Checkpoints: the state of a run in a safetensors file, with its description as metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn, optim

from lrac_audit.design.native import read_design
from lrac_audit.errors import InputError
from reference_models.nn.build import build
from reference_models.nn.codec import Codec
from reference_models.nn.tensor_file import write_tensor_file
from reference_models.training.models import Models
from reference_models.training.run_description import (
    Description,
    description_of,
    read_checkpoint,
)

CODEC = "codec"
"""Start of the names of the codec's tensors."""
MOMENTS = ("exp_avg", "exp_avg_sq", "step")
"""State that the optimiser keeps of each parameter, once it has been updated."""


def save_checkpoint(path: Path, models: Models, description: Description) -> None:
    """Write the state of ``models``; an older file is replaced in one step.

    Raises:
        InputError: the file cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    for learner in _learners(models):
        tensors |= learner.state()
    write_tensor_file(path, tensors, description.metadata())


def load_checkpoint(path: Path, models: Models) -> None:
    """Put ``models`` into the state that the checkpoint at ``path`` holds.

    Raises:
        InputError: the file cannot be read or its tensors are not those of ``models``.
    """
    file = read_checkpoint(path)
    learners = _learners(models)
    expected: dict[str, Tensor] = {}
    for learner in learners:
        expected |= learner.expected(file.tensors)
    problems = list(file.misfits(expected))
    if problems:
        raise InputError(str(path), problems)
    for learner in learners:
        learner.load(file.tensors)


def load_trained_codec(path: Path) -> Codec:
    """Return the codec in the checkpoint at ``path``, as it was in training.

    Raises:
        InputError: the file cannot be read or its tensors are not those of its design.
    """
    file = read_checkpoint(path)
    tree = description_of(file, str(path)).configuration.get("design")
    codec = build(read_design(tree, str(path)))
    expected = {f"{CODEC}.{key}": value for key, value in codec.state_dict().items()}
    own = {key: value for key, value in file.tensors.items() if key.startswith(f"{CODEC}.")}
    problems = list(file._replace(tensors=own).misfits(expected))
    if problems:
        raise InputError(str(path), problems)
    codec.load_state_dict({key.removeprefix(f"{CODEC}."): value for key, value in own.items()})
    return codec


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


def _learners(models: Models) -> list[_Learner]:
    learners = [_Learner(CODEC, models.codec, models.codec_optimizer)]
    if models.adversary is not None:
        networks, optimizer = models.adversary.discriminators, models.adversary.optimizer
        learners.append(_Learner("discriminators", networks, optimizer))
    return learners
