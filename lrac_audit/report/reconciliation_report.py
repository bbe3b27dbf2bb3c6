"""The report on what explains a published figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Bullets, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, ScreenContent
from lrac_audit.report.numerals import fixed, number

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.printed_figure import PublishedFigure
    from lrac_audit.auditing.reconcile import Edit, Reconciliation
    from lrac_audit.ledger.totals import Part


@dataclass(frozen=True)
class ReconciliationReport(ScreenContent, DocumentContent):
    """A published figure, the ledger's own, and the edits of layers that explain the gap."""

    audit: Audit
    part: Part
    published: PublishedFigure
    result: Reconciliation

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the gap, the explanations by one layer, and how many there are."""
        head = f"{self._title()}\n{self._gap()}"
        sections: list[ScreenSection] = [[Paragraph(head)]]
        if self.result.singles:
            sections.append([self._singles()])
        if not self.result.agrees:
            sections.append([Bullets(self._counts())])
        return sections

    def document(self) -> Mapping[str, Any]:
        """Return the figures and every explanation by one layer."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        result = self.result
        return {
            "schema_version": SCHEMA_VERSION,
            "target": self.audit.target.source,
            "stage": self.part,
            "convention": self.audit.convention.name,
            "published": self.published.text,
            "recomputed": float(result.recomputed),
            "agrees": result.agrees,
            "single_layer": [self._edit_tree(edit) for edit in result.singles],
            "two_layer_count": result.pair_count,
            "largest_kernel_tried": result.largest_kernel,
        }

    def _title(self) -> str:
        subject = f"{self.audit.target.source}, {self.part.replace('_', ' ')}"
        figures = f"published {self.published.text} {self.audit.convention.unit}, recomputed"
        return f"{subject}: {figures} {number(float(self.result.recomputed))}"

    def _gap(self) -> str:
        if self.result.agrees:
            return "equal at the printed precision; nothing to explain"
        gap = float(self.result.recomputed) - float(self.published.value)
        word = "less" if gap > 0 else "more"
        rounding = f"{float(self.published.half_unit):g}"
        return f"published is {number(abs(gap))} {word}, give or take {rounding}"

    def _singles(self) -> Table:
        columns = (
            Column("Explained by one layer"),
            Column("Change"),
            Column(self.audit.convention.unit, right=True),
            Column("Total then", right=True),
        )
        recomputed = float(self.result.recomputed)
        changes = [(edit, self._change(edit)) for edit in self.result.singles]
        rows = [
            [edit.row.name, str(edit), fixed(change), fixed(recomputed + change)]
            for edit, change in changes
        ]
        return Table(columns, rows)

    def _counts(self) -> list[str]:
        result = self.result
        found = len(result.singles)
        kernels = f"a layer left out, or its kernel from 1 to {result.largest_kernel} taps"
        lines = [
            f"{found or 'no'} explanation{'' if found == 1 else 's'} by one layer ({kernels})",
            f"{result.pair_count or 'no'} explanations by two layers, in the same range",
        ]
        if not found:
            lines += [f"for instance {self._pair(pair)}" for pair in result.pairs]
        return lines

    def _pair(self, pair: tuple[Edit, Edit]) -> str:
        return " and ".join(
            f"{edit.row.name} {edit} ({fixed(self._change(edit))})" for edit in pair
        )

    def _edit_tree(self, edit: Edit) -> dict[str, Any]:
        return {
            "layer": edit.row.name,
            "change": "left out" if edit.kernel == 0 else "kernel",
            "kernel": edit.row.geometry.kernel,
            "kernel_then": edit.kernel,
            "mflops": self._change(edit),
        }

    def _change(self, edit: Edit) -> float:
        """Return what an edit adds to the figure, in millions per second."""
        return self.audit.ledger.millions_per_second(edit.price_per_frame)
