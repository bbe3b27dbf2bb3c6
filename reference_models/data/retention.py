"""Retention of data sets: kept and original hours, as in the paper's Table 1."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from reference_models.data.manifest import Manifest

SCHEMA_VERSION = 1


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


def as_table(rows: Sequence[Retention], screen: Screen = PLAIN) -> str:
    """Return the table for a terminal, with the decimals of the paper."""
    columns = [
        Column("Dataset"),
        Column("Curated (h)", right=True),
        Column("Original (h)", right=True),
        Column("Retention", right=True),
    ]
    cells = [
        [row.dataset, f"{row.kept_hours:,.1f}", f"{row.original_hours:,.1f}", f"{row.share:.1%}"]
        for row in rows
    ]
    return screen.table(Table(columns, cells))


def as_csv(rows: Sequence[Retention]) -> str:
    """Return hours and shares at full precision as CSV, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*Retention._fields, "retention"])
    writer.writerows([*row, row.share] for row in rows)
    return text.getvalue()


def as_json(rows: Sequence[Retention]) -> str:
    """Return the same as JSON."""
    datasets = [{**row._asdict(), "retention": row.share} for row in rows]
    document = {"schema_version": SCHEMA_VERSION, "datasets": datasets}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
