"""Table 1 of the LRAC 2025 baseline paper: hours of speech that were kept."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lrac_audit import published
from reference_models.data.manifest import read_rows

PAPER_RETENTION = Path(published.__file__).with_name("lrac-2025-retention.csv")
COLUMNS = ("dataset", "kept_hours", "original_hours", "retention_percent")


class PublishedRetention(NamedTuple):
    """A row of the table; figures are text, so that their printed digits are kept."""

    dataset: str
    kept_hours: str
    original_hours: str
    retention_percent: str

    def is_about(self, dataset: str) -> bool:
        """Return whether this row is about ``dataset``, called as it is or without parentheses."""
        name = self.dataset.casefold()
        return dataset.casefold() in (name, name.partition(" (")[0])


def paper_retention() -> tuple[PublishedRetention, ...]:
    """Return the rows of the paper, the last of which is the total."""
    rows = read_rows(PAPER_RETENTION, COLUMNS)
    return tuple(PublishedRetention(**cells) for _, cells in rows)
