"""Published scores, for comparison with computed ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lrac_audit import published
from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest import number_in, read_rows, refused
from reference_models.evaluation.columns import COLUMNS

PAPER_SCORES = Path(published.__file__).with_name("lrac-2025-scores.csv")
"""Tables 4 and 5 of the LRAC 2025 baseline paper, with the limit set that each row is about."""
REQUIRED = ("codec", "condition", "bitrate_kbps")


class PublishedRow(NamedTuple):
    """A row of a table of scores."""

    codec: str
    """Name of the codec that was scored."""
    condition: str
    bitrate_kbps: float
    scores: Mapping[str, float]
    """Scores by measure, without those that were not published."""
    limits: str = ""
    """Limit set that the codec was made for, where the file says it."""


def load_published(path: Path) -> tuple[PublishedRow, ...]:
    """Return the rows of a CSV file in the layout that ``evaluate --format csv`` writes.

    Raises:
        InputError: the file cannot be read, has no row, no column of a measure, or cells that are
            no numbers; all are named.
    """
    lines = read_rows(path, REQUIRED)
    if not lines:
        raise InputError(str(path), [Problem("", "no rows", "at least one")])
    metrics = [name for name in COLUMNS if name in lines[0][1]]
    if not metrics:
        allowed = f"a column of a measure: {', '.join(COLUMNS)}"
        raise InputError(str(path), [Problem("header", "none", allowed)])
    problems: list[Problem] = []
    rows = tuple(_row(line, cells, metrics, problems) for line, cells in lines)
    if problems:
        raise refused(str(path), problems)
    return rows


def paper_scores(limits: str | None) -> tuple[PublishedRow, ...]:
    """Return what the paper publishes about its baseline for a limit set; none for others."""
    return tuple(row for row in load_published(PAPER_SCORES) if row.limits == limits)


def _row(
    line: int, cells: Mapping[str, str], metrics: Sequence[str], problems: list[Problem]
) -> PublishedRow:
    filled = ["bitrate_kbps", *(name for name in metrics if cells[name])]
    found = {name: number_in(cells[name]) for name in filled}
    numbers = {name: n for name, n in found.items() if n is not None and math.isfinite(n)}
    problems += [
        Problem(f"line {line}, {name}", shown(cells[name]), "a finite number")
        for name in found
        if name not in numbers
    ]
    bitrate_kbps = numbers.pop("bitrate_kbps", math.nan)
    limits = cells.get("limits", "")
    return PublishedRow(cells["codec"], cells["condition"], bitrate_kbps, numbers, limits)
