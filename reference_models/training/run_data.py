"""Data of a training run: its manifests, and how far training and validation overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lrac_audit.errors import InputError, Problem
from reference_models.data.manifest import Manifest, load_manifest
from reference_models.data.manifest_summary import ManifestSummary, summarised
from reference_models.data.overlap import overlaps
from reference_models.training.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestPaths:
    """Files that list audio; None for one that was not given."""

    train: Path | None
    validation: Path | None
    noises: Path | None = None
    rirs: Path | None = None
    validation_noises: Path | None = None
    validation_rirs: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """Manifests of a run, under the names of its options; None for those that it does not need."""

    train: Manifest
    validation: Manifest
    noises: Manifest | None = None
    rirs: Manifest | None = None
    validation_noises: Manifest | None = None
    validation_rirs: Manifest | None = None

    def overlaps(self) -> Iterator[InputError]:
        """Yield an error for each manifest of validation that overlaps with that of training."""
        parts = (
            (self.train, self.validation),
            (self.noises, self.validation_noises),
            (self.rirs, self.validation_rirs),
        )
        for training, validation in parts:
            if training is not None and validation is not None:
                problems = list(overlaps(training, validation))
                if problems:
                    yield InputError(validation.source, problems)

    def summaries(self) -> dict[str, ManifestSummary]:
        """Return the summary of each manifest that the run has, by its name."""
        each = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: summarised(manifest) for name, manifest in each.items() if manifest}


def load_manifests(paths: ManifestPaths, configuration: Configuration) -> Manifests:
    """Return the manifests at ``paths``.

    Raises:
        InputError: one is missing or not needed, all of which are named; or cannot be read.
    """
    _check_given(paths, configuration)
    each = {field.name: getattr(paths, field.name) for field in fields(paths)}
    return Manifests(**{name: load_manifest(path) for name, path in each.items() if path})


def option(name: str) -> str:
    """Return the option that a manifest called ``name`` is given by."""
    return f"--{name.replace('_', '-')}"


def _check_given(paths: ManifestPaths, configuration: Configuration) -> None:
    needed: Mapping[str, Any] = {field.name: getattr(paths, field.name) for field in fields(paths)}
    problems = []
    for name, path in needed.items():
        augments = name not in ("train", "validation")
        if not augments and path is None:
            allowed = "a manifest, as `lrac-codec data` writes it"
            problems.append(Problem(option(name), "nothing", allowed))
        elif augments and configuration.augmentation is not None and path is None:
            allowed = f"a manifest: the configuration {configuration.name} augments"
            problems.append(Problem(option(name), "nothing", allowed))
        elif augments and configuration.augmentation is None and path is not None:
            allowed = f"nothing: the configuration {configuration.name} does not augment"
            problems.append(Problem(option(name), str(path), allowed))
    if problems:
        raise InputError("options", problems)
