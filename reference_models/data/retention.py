"""Retention of data sets: kept and original hours, as in the paper's Table 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reference_models.data.manifest import Manifest


class Retention(NamedTuple):
    """The retention of one data set."""

    dataset: str
    kept_hours: float
    original_hours: float

    @property
    def share(self) -> float:
        """Share of the hours that is kept, from 0 to 1."""
        return self.kept_hours / self.original_hours


def retention(datasets: Sequence[tuple[str, Manifest, Manifest]]) -> list[Retention]:
    """Return the retention of each (name, original, kept) of ``datasets``, then that of the sum."""
    rows = [Retention(name, kept.hours, original.hours) for name, original, kept in datasets]
    kept_hours, original_hours = (
        sum(r.kept_hours for r in rows),
        sum(r.original_hours for r in rows),
    )
    return [*rows, Retention("total", kept_hours, original_hours)]
