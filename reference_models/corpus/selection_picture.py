"""The picture of a selection: the measures of the files that were kept and of those that went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrac_audit.files import replacing
from reference_models.corpus.measurement import Rows
from reference_models.corpus.selection import Selection
from reference_models.corpus.thresholds import Threshold

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = ("snr_db", "decay_s", "bandwidth_hz", "srmr", "active_share", "level_dbfs")
COLUMNS = 3
PANEL_WIDTH, PANEL_HEIGHT = 3.2, 2.4
"""Size of the histogram of one measure, in inches."""
BINS = 40


def draw_selection(
    selection: Selection, rows: Rows, thresholds: Sequence[Threshold], path: Path
) -> None:
    """Draw histograms of the measures, with the thresholds on them, as PNG.

    Raises:
        InputError: the file cannot be written.
    """
    figure = selection_figure(selection, rows, thresholds)
    with replacing(path) as beside:
        figure.savefig(beside, format="png", dpi=120)


def selection_figure(selection: Selection, rows: Rows, thresholds: Sequence[Threshold]) -> Figure:
    """Return a histogram of each measure: files that were kept, and on top of them the others.

    Measures on which there is a threshold are shown besides the usual ones.
    """
    from matplotlib.figure import Figure

    measures = list(dict.fromkeys([*SHOWN, *(one.measure for one in thresholds)]))
    lines = -(-len(measures) // COLUMNS)
    figure = Figure((COLUMNS * PANEL_WIDTH, lines * PANEL_HEIGHT), layout="constrained")
    panels = figure.subplots(lines, COLUMNS, squeeze=False).flat
    for measure, axes in zip(measures, panels, strict=False):
        kept, gone = _values(selection, rows, measure)
        if kept or gone:
            edges = np.histogram_bin_edges([*kept, *gone], BINS)
            axes.hist([kept, gone], edges.tolist(), stacked=True, label=["kept", "gone"])
        axes.set(xlabel=measure, ylabel="files")
        for one in thresholds:
            if one.measure == measure:
                axes.axvline(one.value, color="black", linestyle="--")
    for axes in panels:  # those that are left
        axes.set_axis_off()
    figure.axes[0].legend()
    return figure


def _values(selection: Selection, rows: Rows, measure: str) -> tuple[list[float], list[float]]:
    """Return the values of the files that were kept, and of the others, where there are any."""
    kept: list[float] = []
    gone: list[float] = []
    for entry in selection.original.entries:
        value = getattr(rows[entry.uid], measure)
        if value is not None:
            (gone if entry.uid in selection.reasons else kept).append(value)
    return kept, gone
