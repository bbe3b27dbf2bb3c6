"""Description of a run in the metadata of its checkpoints: how far it is, from what, with what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest_summary import ManifestSummary
from reference_models.nn.tensor_file import TensorFile, read_tensor_file

FORMAT, VERSION = "lrac-training", "1"
MEAN = "mean"
"""Key of the loss by which epochs are ranked, beside those of each bitrate."""
REQUIRED = ("position", "configuration", "audit", "validation")
"""Fields of a description that every file has."""


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

    def metadata(self) -> dict[str, str]:
        """Return the metadata of a file with this description."""
        fields = {name: json.dumps(value) for name, value in self._asdict().items()}
        return {"format": FORMAT, "version": VERSION, **fields}


def read_description(path: Path) -> Description:
    """Return the description of the checkpoint at ``path``; its tensors are not read.

    Raises:
        InputError: the file cannot be read or is no checkpoint.
    """
    return description_of(read_checkpoint(path, metadata_only=True), str(path))


def read_checkpoint(path: Path, metadata_only: bool = False) -> TensorFile:
    """Return the content of the checkpoint at ``path``; with ``metadata_only``, without tensors.

    Raises:
        InputError: the file cannot be read or is no checkpoint.
    """
    file = read_tensor_file(path, metadata_only)
    for field, wanted in (("format", FORMAT), ("version", VERSION)):
        if (given := file.metadata.get(field)) != wanted:
            raise InputError(str(path), [Problem(field, shown(given), wanted)])
    return file


def description_of(file: TensorFile, source: str) -> Description:
    """Return the description in the metadata of a checkpoint, the file called ``source``.

    Raises:
        InputError: it is damaged.
    """
    metadata = file.metadata
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
        raise InputError(source, [problem]) from None
    return Description(**fields)
