"""Sources of windows that the manifests of a run and its configuration define."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from lrac_audit.errors import InputError, Problem
from reference_models.data.augmentation import Augmenter
from reference_models.data.dataset import WindowSource
from reference_models.data.manifest import Manifest, load_manifest
from reference_models.training.configuration import Configuration
from reference_models.training.distributed import ProcessGroup
from reference_models.training.run_data import Manifests


@dataclass(frozen=True, slots=True)
class Sources:
    """Windows for training and for validation."""

    training: WindowSource
    validation: WindowSource


def open_sources(
    manifests: Manifests, configuration: Configuration, processes: ProcessGroup, workers: int
) -> Sources:
    """Return the sources of windows for this process.

    Raises:
        InputError: the batch cannot be split, or an epoch has none.
    """
    _check_batch(configuration, processes.count)
    common = _common(configuration, processes) | {"workers": workers}
    training = WindowSource(
        manifests.train,
        **common,
        training=True,
        augment=_augmenter(manifests.noises, manifests.rirs, configuration),
    )
    validation = WindowSource(
        manifests.validation,
        **common,
        training=False,
        augment=_augmenter(manifests.validation_noises, manifests.validation_rirs, configuration),
    )
    if not training.batches_in_epoch(0):
        given = f"too little speech for one batch of {configuration.batch_size} windows"
        problem = Problem("", given, "more speech, or a smaller batch_size")
        raise InputError(manifests.train.source, [problem])
    return Sources(training, validation)


def steps_per_epoch(train: Path, configuration: Configuration, processes: int) -> int:
    """Return the steps of the first epoch over the speech that ``train`` lists; reads no audio.

    Raises:
        InputError: the manifest cannot be read, or the batch cannot be split.
    """
    _check_batch(configuration, processes)
    first = ProcessGroup(0, processes, torch.device("cpu"))
    common = _common(configuration, first)
    source = WindowSource(load_manifest(train), **common, training=True, augment=None)
    return source.batches_in_epoch(0)


def _check_batch(configuration: Configuration, processes: int) -> None:
    if configuration.batch_size % processes:
        allowed = f"a multiple of the {processes} processes"
        problem = Problem("batch_size", str(configuration.batch_size), allowed)
        raise InputError(configuration.name, [problem])


def _common(configuration: Configuration, processes: ProcessGroup) -> dict[str, Any]:
    """Return the arguments that all sources have in common."""
    return {
        "sample_rate_hz": configuration.design.sample_rate_hz,
        "window_samples": configuration.window_samples,
        "hop_fraction": configuration.hop_fraction,
        "batch_size": configuration.batch_size // processes.count,
        "epoch_utterances": configuration.epoch_utterances,
        "seed": configuration.seed,
        "rank": processes.rank,
        "world_size": processes.count,
    }


def _augmenter(
    noises: Manifest | None, rirs: Manifest | None, configuration: Configuration
) -> Augmenter | None:
    parameters = configuration.augmentation
    if parameters is None or noises is None or rirs is None:
        return None
    parameters = replace(parameters, sample_rate_hz=configuration.design.sample_rate_hz)
    return Augmenter(noises, rirs, parameters, configuration.seed)
