"""What the columns of the paper's Tables 4 and 5 are called, and what computes them."""

from __future__ import annotations

from typing import Literal, NamedTuple


class MetricColumn(NamedTuple):
    """One measure."""

    heading: str
    better: Literal["higher", "lower"]
    install: str
    """What brings all but downloaded weights."""


COLUMNS = {
    "sheet_ssqa": MetricColumn("SHEET-SSQA", "higher", "pip install sheet-sqa torchaudio"),
    "scoreq_ref": MetricColumn("SCOREQ ref", "lower", "pip install scoreq"),
    "audiobox_ce": MetricColumn("Audiobox-AE CE", "higher", "pip install audiobox_aesthetics"),
    "utmos": MetricColumn("UTMOS", "higher", "pip install torchaudio"),
    "pesq": MetricColumn("PESQ", "higher", "pip install '.[evaluate]'"),
}
"""By name, in the order of the paper."""
