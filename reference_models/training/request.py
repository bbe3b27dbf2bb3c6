"""Manifests of a training run, and the sources of windows that they and a configuration define."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from lrac_audit.errors import InputError, Problem
from reference_models.data.augmentation import Augmenter
from reference_models.data.dataset import WindowSource
from reference_models.data.manifest import load_manifest
from reference_models.training.configuration import Configuration
from reference_models.training.distributed import ProcessGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """Files that list audio; None for one that was not given."""

    train: Path | None
    validation: Path | None
    noises: Path | None = None
    rirs: Path | None = None
    validation_noises: Path | None = None
    validation_rirs: Path | None = None


def check_manifests(manifests: Manifests, configuration: Configuration) -> None:
    """Check that every manifest that is needed was given, and no other.

    Raises:
        InputError: with every manifest that is missing or not needed.
    """
    speech = {"--train": manifests.train, "--validation": manifests.validation}
    problems = [
        Problem(name, "nothing", "a manifest, as `lrac-codec data` writes it")
        for name, path in speech.items()
        if path is None
    ]
    for name, path in _of_augmentation(manifests).items():
        if configuration.augmentation is not None and path is None:
            allowed = f"a manifest: the configuration {configuration.name} augments"
            problems.append(Problem(name, "nothing", allowed))
        if configuration.augmentation is None and path is not None:
            allowed = f"nothing: the configuration {configuration.name} does not augment"
            problems.append(Problem(name, str(path), allowed))
    if problems:
        raise InputError("options", problems)


def _of_augmentation(manifests: Manifests) -> Mapping[str, Path | None]:
    return {
        "--noises": manifests.noises,
        "--rirs": manifests.rirs,
        "--validation-noises": manifests.validation_noises,
        "--validation-rirs": manifests.validation_rirs,
    }


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
        InputError: a manifest is missing, cannot be read, or leaves an epoch without a batch.
    """
    check_manifests(manifests, configuration)
    _check_batch(configuration, processes.count)
    assert manifests.train is not None and manifests.validation is not None  # as checked
    common = _common(configuration, processes) | {"workers": workers}
    training = WindowSource(
        load_manifest(manifests.train),
        **common,
        training=True,
        augment=_augmenter(manifests.noises, manifests.rirs, configuration),
    )
    validation = WindowSource(
        load_manifest(manifests.validation),
        **common,
        training=False,
        augment=_augmenter(manifests.validation_noises, manifests.validation_rirs, configuration),
    )
    if not training.batches_in_epoch(0):
        given = f"too little speech for one batch of {configuration.batch_size} windows"
        problem = Problem("", given, "more speech, or a smaller batch_size")
        raise InputError(str(manifests.train), [problem])
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
    noises: Path | None, rirs: Path | None, configuration: Configuration
) -> Augmenter | None:
    parameters = configuration.augmentation
    if parameters is None or noises is None or rirs is None:
        return None
    parameters = replace(parameters, sample_rate_hz=configuration.design.sample_rate_hz)
    return Augmenter(load_manifest(noises), load_manifest(rirs), parameters, configuration.seed)
