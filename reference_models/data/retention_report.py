"""The report on kept and original hours of data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection
from lrac_audit.report.content import DocumentContent, RecordContent, ScreenContent

if TYPE_CHECKING:
    from reference_models.data.retention import Retention

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class RetentionReport(ScreenContent, DocumentContent, RecordContent):
    """Hours and shares of each data set, and of all together."""

    lines: Sequence[Retention]

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the table with the decimals of the paper."""
        columns = [
            Column("Dataset"),
            Column("Curated (h)", right=True),
            Column("Original (h)", right=True),
            Column("Retention", right=True),
        ]
        return [[Table(columns, [_cells(line) for line in self.lines])]]

    def document(self) -> Mapping[str, Any]:
        """Return the records of all data sets."""
        return {"schema_version": SCHEMA_VERSION, "datasets": self.records()}

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return hours and shares in full."""
        return [{**line._asdict(), "retention": line.share} for line in self.lines]


def _cells(line: Retention) -> list[str]:
    hours = (f"{line.kept_hours:,.1f}", f"{line.original_hours:,.1f}")
    return [line.dataset, *hours, f"{line.share:.1%}"]
