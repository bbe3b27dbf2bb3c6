"""Columns of a table of scores: their measures, headings and packages.

The first five are those of the paper's Tables 4 and 5; the others need no download.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class MetricColumn(NamedTuple):
    """The column of one measure."""

    heading: str
    better: Literal["higher", "lower"]
    install: str
    """Packages to install; weights may be downloaded besides."""


EXTRA = "pip install '.[evaluate]'"
COLUMNS = {
    "sheet_ssqa": MetricColumn("SHEET-SSQA", "higher", "pip install sheet-sqa torchaudio"),
    "scoreq_ref": MetricColumn("SCOREQ ref", "lower", "pip install scoreq"),
    "audiobox_ce": MetricColumn("Audiobox-AE CE", "higher", "pip install audiobox_aesthetics"),
    "utmos": MetricColumn("UTMOS", "higher", "pip install torchaudio"),
    "pesq": MetricColumn("PESQ", "higher", EXTRA),
    "stoi": MetricColumn("STOI", "higher", EXTRA),
    "estoi": MetricColumn("ESTOI", "higher", EXTRA),
    "si_sdr": MetricColumn("SI-SDR dB", "higher", EXTRA),
}
"""Columns by the names of their measures, in the order of the paper."""
