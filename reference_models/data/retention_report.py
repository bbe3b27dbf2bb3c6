"""The report on kept and original hours of data sets, beside the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection
from lrac_audit.report.content import DocumentContent, RecordContent, ScreenContent

if TYPE_CHECKING:
    from reference_models.data.published_retention import PublishedRetention
    from reference_models.data.retention import Retention

    Pair = tuple[str, Retention | None, PublishedRetention | None]

SCHEMA_VERSION = 1
HEADINGS = ("Curated (h)", "Original (h)", "Retention")
NOTHING = ("", "", "")


@dataclass(frozen=True)
class RetentionReport(ScreenContent, DocumentContent, RecordContent):
    """Hours and shares of each data set, and of all together."""

    lines: Sequence[Retention]
    published: Sequence[PublishedRetention] = ()
    """Rows that are shown beside those about the same data set; by themselves if there are no
    ``lines``."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the table with the decimals of the paper."""
        headings = [*HEADINGS, *(f"paper: {name}" for name in HEADINGS if self.published)]
        columns = [Column("Dataset"), *(Column(heading, right=True) for heading in headings)]
        return [[Table(columns, [self._cells(*pair) for pair in self._pairs()])]]

    def document(self) -> Mapping[str, Any]:
        """Return the records of all data sets."""
        return {"schema_version": SCHEMA_VERSION, "datasets": self.records()}

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return hours and shares in full, those of the paper as printed; None where none are."""
        return [_record(*pair, with_paper=bool(self.published)) for pair in self._pairs()]

    def _pairs(self) -> Sequence[Pair]:
        """Return the name of each data set, its line, and the published one."""
        if not self.lines:
            return [(row.dataset, None, row) for row in self.published]
        return [
            (
                line.dataset,
                line,
                next((row for row in self.published if row.is_about(line.dataset)), None),
            )
            for line in self.lines
        ]

    def _cells(
        self, name: str, line: Retention | None, paper: PublishedRetention | None
    ) -> list[str]:
        own = (
            NOTHING
            if line is None
            else (f"{line.kept_hours:,.1f}", f"{line.original_hours:,.1f}", f"{line.share:.1%}")
        )
        if not self.published:
            return [name, *own]
        printed = (
            NOTHING
            if paper is None
            else (paper.kept_hours, paper.original_hours, f"{paper.retention_percent}%")
        )
        return [name, *own, *printed]


def _record(
    name: str,
    line: Retention | None,
    paper: PublishedRetention | None,
    *,
    with_paper: bool,
) -> Mapping[str, Any]:
    record: dict[str, Any] = {
        "dataset": name,
        "kept_hours": None if line is None else line.kept_hours,
        "original_hours": None if line is None else line.original_hours,
        "retention": None if line is None else line.share,
    }
    if with_paper:
        for field in ("kept_hours", "original_hours", "retention_percent"):
            record[f"paper_{field}"] = None if paper is None else float(getattr(paper, field))
    return record
