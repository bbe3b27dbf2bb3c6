"""Reports on a selection: why files went, and how the rest is distributed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection
from lrac_audit.report.content import DocumentContent, RecordContent, ScreenContent
from reference_models.corpus.strata import speaker_of

if TYPE_CHECKING:
    from reference_models.corpus.selection import Selection
    from reference_models.data.manifest import Entry

SCHEMA_VERSION = 1
KEPT = "kept"


@dataclass(frozen=True)
class SelectionReport(ScreenContent, DocumentContent, RecordContent):
    """Files and hours by the reason why they went, and by the gender of their speakers."""

    selection: Selection

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return a table of reasons and one of genders."""
        reasons = [
            Column("Reason"),
            Column("Files", right=True),
            Column("Hours", right=True),
            Column("For this alone", right=True),
        ]
        genders = [
            Column("Gender"),
            Column("Speakers", right=True),
            Column("Kept (h)", right=True),
            Column("Original (h)", right=True),
        ]
        return [
            [Table(reasons, [_reason_cells(one) for one in self.records()])],
            [Table(genders, [_gender_cells(one) for one in self.genders()])],
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the records of reasons and of genders."""
        return {
            "schema_version": SCHEMA_VERSION,
            "reasons": self.records(),
            "genders": self.genders(),
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return what was kept, then what went for each reason; a file may go for several."""
        files: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        seconds: dict[str, float] = defaultdict(float)
        for entry in self.selection.original.entries:
            reasons = self.selection.reasons.get(entry.uid, (KEPT,))
            files.update(reasons)
            alone.update(reasons if len(reasons) == 1 else ())
            for reason in reasons:
                seconds[reason] += entry.duration_s
        names = [KEPT, *sorted(name for name in files if name != KEPT)]
        return [
            {
                "reason": name,
                "files": files[name],
                "hours": seconds[name] / 3600,
                "files_for_this_alone": alone[name],
            }
            for name in names
        ]

    def genders(self) -> Sequence[Mapping[str, Any]]:
        """Return speakers and hours of each gender."""
        kept = self._hours(self.selection.kept)
        original = self._hours(self.selection.original.entries)
        speakers = Counter(self.selection.genders.values())
        return [
            {
                "gender": gender,
                "speakers": speakers[gender],
                "kept_hours": kept.get(gender, 0.0),
                "original_hours": original[gender],
            }
            for gender in sorted(speakers)
        ]

    def _hours(self, entries: Iterable[Entry]) -> dict[str, float]:
        hours: dict[str, float] = defaultdict(float)
        for entry in entries:
            hours[self.selection.genders[speaker_of(entry)]] += entry.duration_s / 3600
        return hours


@dataclass(frozen=True)
class FileReasons(RecordContent):
    """Each file and the reasons why it went."""

    selection: Selection

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return the uid and the reasons of each file; none for one that was kept."""
        reasons = self.selection.reasons
        return [
            {"uid": entry.uid, "reasons": "; ".join(reasons.get(entry.uid, ()))}
            for entry in self.selection.original.entries
        ]


def _reason_cells(record: Mapping[str, Any]) -> list[str]:
    counts = (f"{record['files']:,}", f"{record['hours']:,.2f}")
    return [record["reason"], *counts, f"{record['files_for_this_alone']:,}"]


def _gender_cells(record: Mapping[str, Any]) -> list[str]:
    hours = (f"{record['kept_hours']:,.2f}", f"{record['original_hours']:,.2f}")
    return [record["gender"], f"{record['speakers']:,}", *hours]
