"""Start and resumption of runs in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lrac_audit.errors import InputError, Problem, shown
from reference_models.training.checkpoint import (
    Description,
    Position,
    load_checkpoint,
    read_description,
)
from reference_models.training.models import Models
from reference_models.training.run_folder import RunFolder

CHANGEABLE = ("name", "epochs", "checkpoints")
"""Fields of a configuration that may differ when a run is resumed."""


def resume(folder: RunFolder, models: Models, configuration: Mapping[str, Any]) -> Position:
    """Put ``models`` into the last state of the run in ``folder``; return its position.

    Raises:
        InputError: there is none, or it is of another design or configuration.
    """
    if not folder.last.exists():
        problem = Problem("", "a folder without a checkpoint", "the folder of a run, to resume it")
        raise InputError(str(folder.path), [problem])
    description = read_description(folder.last)
    _check_same(str(folder.last), description, json.loads(json.dumps(configuration)))
    load_checkpoint(folder.last, models)
    return description.position


def begin(folder: RunFolder) -> Position:
    """Return the first position of a run in ``folder``, which must not hold one.

    Raises:
        InputError: it does.
    """
    if folder.last.exists():
        allowed = "a new folder, or --resume to go on with the run in it"
        raise InputError(str(folder.path), [Problem("", "a folder that holds a run", allowed)])
    return Position(0, 0, 0)


def _check_same(source: str, saved: Description, wanted: Mapping[str, Any]) -> None:
    names = [n for n in {**wanted, **saved.configuration} if n not in CHANGEABLE]
    problems = []
    for name in names:
        ours, theirs = wanted.get(name), saved.configuration.get(name)
        if ours != theirs:
            problems += _differences(name, theirs, ours)
    if problems:
        raise InputError(source, problems)


def _differences(field: str, saved: object, wanted: object) -> list[Problem]:
    """Return a problem for each field that differs, down to single values."""
    if isinstance(saved, dict) and isinstance(wanted, dict):
        keys = {**wanted, **saved}
        pairs = [(f"{field}.{key}", saved.get(key), wanted.get(key)) for key in keys]
        return [p for name, a, b in pairs if a != b for p in _differences(name, a, b)]
    allowed = f"{shown(wanted)}, as the configuration says"
    return [Problem(field, shown(saved), allowed)]
