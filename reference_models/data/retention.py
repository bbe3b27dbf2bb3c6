"""Retention of data sets: kept and original hours, as in the paper's Table 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from reference_models.data.manifest import Manifest

TOTAL = "total"


class Retention(NamedTuple):
    """The retention of one data set."""

    dataset: str
    kept_hours: float
    original_hours: float

    @property
    def share(self) -> float:
        """Share of the hours that is kept, from 0 to 1."""
        return self.kept_hours / self.original_hours


def retention(name: str, original: Manifest, kept: Manifest) -> Retention:
    """Return the retention of the data set ``name``."""
    return Retention(name, kept.hours, original.hours)


def retention_by_label(original: Manifest, kept: Manifest) -> list[Retention]:
    """Return the retention of each data set and language that the entries are labelled with."""
    kept_hours, original_hours = _hours_by_label(kept), _hours_by_label(original)
    return [
        Retention(name, kept_hours.get(name, 0.0), hours)
        for name, hours in sorted(original_hours.items())
    ]


def with_total(rows: Sequence[Retention]) -> list[Retention]:
    """Return ``rows``, then the retention of all of them together."""
    kept_hours = sum(row.kept_hours for row in rows)
    original_hours = sum(row.original_hours for row in rows)
    return [*rows, Retention(TOTAL, kept_hours, original_hours)]


def _hours_by_label(manifest: Manifest) -> dict[str, float]:
    hours: dict[str, float] = defaultdict(float)
    for entry in manifest.entries:
        dataset = entry.labels.dataset or "unlabelled"
        language = f" ({entry.labels.language})" if entry.labels.language else ""
        hours[dataset + language] += entry.duration_s / 3600
    return hours
