"""The report on the classes of noise before and after balancing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection
from lrac_audit.report.content import DocumentContent, RecordContent, ScreenContent

if TYPE_CHECKING:
    from reference_models.corpus.noise_classes.balance import Balance
    from reference_models.data.manifest import Entry

SCHEMA_VERSION = 1
UNREADABLE = "cannot be read"
TOTAL = "total"


@dataclass(frozen=True)
class BalanceReport(ScreenContent, DocumentContent, RecordContent):
    """Files and hours of each class of noise, kept and original."""

    balance: Balance

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return a table of the classes, those with the most files first, and of all together."""
        headings = ("Kept files", "Original files", "Kept (h)", "Original (h)")
        columns = [Column("Class"), *(Column(heading, right=True) for heading in headings)]
        every = [entry for own in self._groups().values() for entry in own]
        records = [*self.records(), self._record(TOTAL, every)]
        return [[Table(columns, [_cells(one) for one in records])]]

    def document(self) -> Mapping[str, Any]:
        """Return the records of the classes and the largest number of files that is kept."""
        return {
            "schema_version": SCHEMA_VERSION,
            "max_files": self.balance.max_files,
            "classes": self.records(),
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return the classes, those with the most files first, then what cannot be read."""
        return [self._record(name, own) for name, own in self._groups().items()]

    def _groups(self) -> Mapping[str, Sequence[Entry]]:
        classes = sorted(self.balance.original.items(), key=lambda one: -len(one[1]))
        unreadable = self.balance.unreadable
        return dict(classes) | ({UNREADABLE: unreadable} if unreadable else {})

    def _record(self, name: str, entries: Sequence[Entry]) -> Mapping[str, Any]:
        kept = [entry for entry in entries if entry.uid in self.balance.kept]
        return {
            "class": name,
            "kept_files": len(kept),
            "original_files": len(entries),
            "kept_hours": _hours(kept),
            "original_hours": _hours(entries),
        }


def _hours(entries: Iterable[Entry]) -> float:
    return sum(entry.duration_s for entry in entries) / 3600


def _cells(record: Mapping[str, Any]) -> list[str]:
    files = (f"{record[name]:,}" for name in ("kept_files", "original_files"))
    hours = (f"{record[name]:,.2f}" for name in ("kept_hours", "original_hours"))
    return [record["class"], *files, *hours]
