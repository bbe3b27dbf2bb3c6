"""Compare kept and original hours of data sets, as the paper's Table 1 does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reference_models.data.manifest import Manifest


class Retention(NamedTuple):
    """One line of the table."""

    dataset: str
    kept_hours: float
    original_hours: float

    @property
    def share(self) -> float:
        """Kept hours over original hours."""
        return self.kept_hours / self.original_hours


def retention(datasets: Sequence[tuple[str, Manifest, Manifest]]) -> list[Retention]:
    """Return one line for each data set, given as name, original and kept; then their sum."""
    rows = [Retention(name, kept.hours, original.hours) for name, original, kept in datasets]
    kept_hours, original_hours = (
        sum(r.kept_hours for r in rows),
        sum(r.original_hours for r in rows),
    )
    return [*rows, Retention("total", kept_hours, original_hours)]
