"""Summary of a run or of one of its checkpoints: facts in lines, and its curve as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrac_audit.console.layout import Column, Table
from lrac_audit.errors import InputError, Problem
from reference_models.training.run_data import option
from reference_models.training.run_description import (
    MEAN,
    CurvePoint,
    Description,
    read_description,
)
from reference_models.training.run_folder import RunFolder

MAX_ROWS = 12
"""Rows of a curve's table; of more epochs, evenly spaced ones are shown."""

Facts = list[tuple[str, str]]


def folder_facts(folder: RunFolder) -> tuple[Facts, Description]:
    """Return the facts of the run in ``folder``, and the description of its last state.

    Raises:
        InputError: there is no run.
    """
    if not folder.last.exists():
        problem = Problem("", "a folder without a checkpoint", "the folder of a run, or a file")
        raise InputError(str(folder.path), [problem])
    description = read_description(folder.last)
    facts = [("format", "training run"), *_facts(description)]
    if folder.weights.exists():
        facts.append(("best weights", str(folder.weights)))
    kept = ", ".join(str(epoch) for epoch in folder.kept())
    facts.append(("epochs kept", kept or "none yet"))
    return facts, description


def checkpoint_facts(path: Path) -> tuple[Facts, Description]:
    """Return the facts of the checkpoint at ``path``, and its description.

    Raises:
        InputError: the file cannot be read or is no checkpoint.
    """
    description = read_description(path)
    facts = [("format", "state of a training run"), *_facts(description)]
    facts.append(("file", f"{path.stat().st_size:,} bytes"))
    return facts, description


def _facts(description: Description) -> Facts:
    configuration = description.configuration
    facts = [
        ("configuration", str(configuration.get("name"))),
        ("codec", str((configuration.get("design") or {}).get("name"))),
        ("position", _position(description)),
    ]
    if description.validation is not None:
        losses = description.validation.items()
        facts.append(("validation", ", ".join(f"{name} {loss:.4f}" for name, loss in losses)))
    if description.curve:
        best = best_point(description.curve)
        facts.append(("best", f"epoch {best.epoch}, step {best.step:,}, mel {best.mel[MEAN]:.4f}"))
    facts += [(option(name), str(summary)) for name, summary in (description.data or {}).items()]
    return facts


def _position(description: Description) -> str:
    position, epochs = description.position, description.configuration.get("epochs")
    text = f"{position.epoch} of {epochs} epochs, step {position.step:,}"
    if position.batch:
        text += f", {position.batch:,} of them in epoch {position.epoch + 1}"
    return f"{text}; finished" if position.epoch == epochs else text


def best_point(curve: Sequence[CurvePoint]) -> CurvePoint:
    """Return the point of ``curve`` with the lowest mean loss, the first of equal ones."""
    return min(curve, key=lambda point: point.mel[MEAN])


def curve_table(curve: Sequence[CurvePoint]) -> Table:
    """Return the mel losses of ``curve`` by epoch; at least one point.

    The first epoch, the best and the last are always shown. Bars are relative to the first.
    """
    names = list(curve[0].mel)
    titles = ["epoch", "step", *names]
    best = best_point(curve)
    columns = [*(Column(title, right=True) for title in titles), Column("")]
    points = _shown(curve)
    rows = [
        [f"{point.epoch:,}", f"{point.step:,}"]
        + [f"{point.mel[name]:.4f}" for name in names]
        + ["best" if point is best else ""]
        for point in points
    ]
    shares = [point.mel[MEAN] / curve[0].mel[MEAN] for point in points]
    return Table(columns, rows, shares, shares_heading="Share of the first")


def _shown(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Return at most :data:`MAX_ROWS` points: the first, the best, the last, and some between."""
    last = len(curve) - 1
    spaced = min(len(curve), MAX_ROWS - 1)
    indices = {round(i * last / max(spaced - 1, 1)) for i in range(spaced)}
    indices.add(curve.index(best_point(curve)))
    return [curve[i] for i in sorted(indices)]
