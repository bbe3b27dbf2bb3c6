"""The report on what a codec in C computes, counted while it runs, beside the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Bullets, PageSection, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent
from lrac_audit.report.numerals import number

if TYPE_CHECKING:
    from reference_models.audit.counted_code import CountedCode, CountedWork

SCHEMA_VERSION = 1
SIDES: Mapping[str, tuple[str, ...]] = {
    "transmit": ("transmit",),
    "receive": ("receive",),
    "overall": ("transmit", "receive"),
}
"""What the report sums up, with the sides that each consists of."""


@dataclass(frozen=True)
class CountReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """Multiply-accumulates and basic operations, as they were counted and by the audit."""

    code: CountedCode

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def title(self) -> str:
        """Return what was counted."""
        return f"Operations of {self.code.ledger.name} in C"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the terms, the sums of each side, its operations by kind, and notes."""
        mode = self.code.ledger.mode
        terms = (
            f"{self.title()}, {mode.rvq}, {number(mode.bitrate_kbps)} kbps, in millions per second"
        )
        tables = [[self._side_table()], [self._operation_table()]]
        return [[Paragraph(terms)], *tables, [Bullets(self._notes())]]

    def document(self) -> Mapping[str, Any]:
        """Return the sums of each side and of each row, per frame."""
        from reference_models.audit.counted_code import ESTIMATE

        ledger = self.code.ledger
        return {
            "schema_version": SCHEMA_VERSION,
            "design": ledger.name,
            "bitrate_kbps": ledger.mode.bitrate_kbps,
            "frame_rate_hz": ledger.sample_rate_hz / ledger.hop_samples,
            "convention": {"name": ESTIMATE.name, "version": ESTIMATE.version},
            "sides": {name: _figures(self.code.side(*sides)) for name, sides in SIDES.items()},
            "rows": self.records(),
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each row of the ledger, with figures per frame."""
        return [{"row": name, **_figures(row)} for name, row in self.code.rows.items()]

    def _side_table(self) -> Table:
        headings = ("MAC, counted", "audit", "WMOPS, counted", "wmops-estimate", "difference")
        columns = [Column("side"), *(Column(heading, right=True) for heading in headings)]
        return Table(columns, [self._side_row(name) for name in SIDES])

    def _side_row(self, name: str) -> list[str]:
        work = self.code.side(*SIDES[name])
        figures = (work.macs, work.audited_macs, work.weighted, work.audited_weighted)
        more = work.weighted / work.audited_weighted - 1
        return [name, *map(self._millions, figures), f"{100 * more:+.2f} %"]

    def _operation_table(self) -> Table:
        from reference_models.audit.counted_code import weight
        from reference_models.export.c.counting import OPERATIONS

        columns = [Column("operation"), *(Column(name, right=True) for name in ("weight", *SIDES))]
        sums = [self.code.side(*sides).operations for sides in SIDES.values()]
        rows = [
            [operation.replace("_", " "), str(weight(operation))]
            + [self._millions(each[operation]) for each in sums]
            for operation in OPERATIONS
        ]
        return Table(columns, rows)

    def _notes(self) -> list[str]:
        """Return whether the multiply-accumulates agree, and the sums where they weigh less."""
        doubts = [f"Not proved: {doubt}." for doubt in self.code.doubts]
        agreed = "Every row's multiply-accumulates are those of the audit."
        work = {name: self.code.side(*sides) for name, sides in SIDES.items()}
        sums = [f"{name} {self._millions(one.weighted - one.macs)}" for name, one in work.items()]
        return [
            *(doubts or [agreed]),
            "With a multiply-accumulate at 1, as ITU-T G.191 weighs a fused one: "
            f"{', '.join(sums)} WMOPS.",
        ]

    def _millions(self, per_frame: int) -> str:
        return f"{self.code.ledger.millions_per_second(per_frame):,.2f}"


def _figures(work: CountedWork) -> dict[str, int]:
    return {
        **work.operations,
        "audited_multiply_adds": work.audited_macs,
        "weighted_operations": work.weighted,
        "audited_weighted_operations": work.audited_weighted,
    }
