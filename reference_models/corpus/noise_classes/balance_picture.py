"""The picture of noise by class before and after balancing, as Figure 2 of the baseline paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lrac_audit.files import replacing
from reference_models.corpus.noise_classes.balance import Balance

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT_OF_CLASS, MARGIN = 7.0, 0.24, 1.0
"""Inches."""


def draw_balance(balance: Balance, path: Path) -> None:
    """Draw the files of each class, original and kept, as PNG.

    Raises:
        InputError: the file cannot be written.
    """
    figure = balance_figure(balance)
    with replacing(path) as beside:
        figure.savefig(beside, format="png", dpi=120)


def balance_figure(balance: Balance) -> Figure:
    """Return two bars for each class, the class with the most files at the top."""
    from matplotlib.figure import Figure

    names = sorted(balance.original, key=lambda name: len(balance.original[name]))
    original = [len(balance.original[name]) for name in names]
    kept = [sum(one.uid in balance.kept for one in balance.original[name]) for name in names]
    figure = Figure((WIDTH, MARGIN + HEIGHT_OF_CLASS * len(names)), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, original, color="lightgrey", label="original")
    axes.barh(names, kept, height=0.5, label="kept")
    axes.set(xlabel="files")
    axes.margins(y=0.02)
    axes.legend(loc="lower right")
    return figure
