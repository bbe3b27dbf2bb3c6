"""Start and resumption of runs in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest_summary import ManifestSummary
from reference_models.training.run_data import option
from reference_models.training.run_description import (
    CurvePoint,
    Description,
    Position,
    read_description,
)
from reference_models.training.run_folder import RunFolder

CHANGEABLE = ("name", "epochs", "checkpoints")
"""Fields of a configuration that may differ when a run is resumed."""


class Start(NamedTuple):
    """The point from which a run goes on."""

    position: Position
    curve: Sequence[CurvePoint]
    """The validations before it."""


def begin(folder: RunFolder) -> Start:
    """Return the start of a new run in ``folder``, which must not hold one.

    Raises:
        InputError: it does.
    """
    if folder.last.exists():
        allowed = "a new folder, or --resume to go on with the run in it"
        raise InputError(str(folder.path), [Problem("", "a folder that holds a run", allowed)])
    return Start(Position(0, 0, 0), ())


def resume(
    folder: RunFolder,
    configuration: Mapping[str, Any],
    data: Mapping[str, ManifestSummary],
    other_data: bool,
) -> Start:
    """Return the last state of the run in ``folder``, if it is one of this configuration and data.

    Raises:
        InputError: there is none, or it is of another design or configuration, or of other data
            without ``other_data``.
    """
    if not folder.last.exists():
        problem = Problem("", "a folder without a checkpoint", "the folder of a run, to resume it")
        raise InputError(str(folder.path), [problem])
    saved = read_description(folder.last)
    _check_same(str(folder.last), saved, json.loads(json.dumps(configuration)))
    if not other_data:
        _check_same_data(str(folder.last), saved.data, data)
    return Start(saved.position, saved.curve)


def _check_same_data(
    source: str,
    saved: Mapping[str, ManifestSummary] | None,
    given: Mapping[str, ManifestSummary],
) -> None:
    """Check that every manifest is the one that the run began with."""
    told = "or --other-data, to go on with other data than the run began with"
    known = saved or {}
    problems = [
        Problem(option(name), str(summary), f"{known.get(name, 'data that it recorded')}; {told}")
        for name, summary in given.items()
        if name not in known or known[name].fingerprint != summary.fingerprint
    ]
    if problems:
        raise InputError(source, problems)


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
