"""The report on what explains published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Bullets, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, ScreenContent
from lrac_audit.report.convention_sentences import explanation_tree, sentences
from lrac_audit.report.limit_sentences import limit_sentence, limit_tree
from lrac_audit.report.numerals import fixed, number

if TYPE_CHECKING:
    from lrac_audit.auditing.print_conventions import ConventionSearch
    from lrac_audit.auditing.printed_limits import PrintedLimit
    from lrac_audit.auditing.readings import FigureToExplain
    from lrac_audit.auditing.reconcile import Edit, Reconciliation
    from lrac_audit.auditing.subject import Subject


@dataclass(frozen=True)
class ReconciliationReport(ScreenContent, DocumentContent):
    """Published figures, the ledger's own, and the ways of counting and edits that explain them."""

    subject: Subject
    conventions: ConventionSearch
    """What explains all the figures together."""
    layers: Sequence[Reconciliation]
    """For each figure, the edits of layers that explain it."""
    limits: Sequence[PrintedLimit] = ()
    """Limits that the figures are held to."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return each gap, the explanations by conventions, then those by layers."""
        heads = [f"{self._title(one)}\n{self._gap(one, found)}" for one, found in self._pairs()]
        sections: list[ScreenSection] = [[Paragraph(head)] for head in heads]
        if self._agrees:
            return [*sections, *self._remarks()]
        sections.append([Bullets(sentences(self.conventions))])
        for found in self.layers:
            if found.singles:
                sections.append([self._singles(found)])
            if not found.agrees:
                sections.append([Bullets(self._counts(found))])
        return [*sections, *self._remarks()]

    def document(self) -> Mapping[str, Any]:
        """Return the figures and every explanation by conventions and by one layer."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        figures = [self._figure_tree(one, found) for one, found in self._pairs()]
        return {
            "schema_version": SCHEMA_VERSION,
            "target": self.subject.source,
            **figures[0],
            "figures": figures,
            "conventions": explanation_tree(self.conventions),
            "limits": [limit_tree(one) for one in self.limits],
            "remarks": self._notes(),
        }

    @property
    def _agrees(self) -> bool:
        return all(found.agrees for found in self.layers)

    def _pairs(self) -> list[tuple[FigureToExplain, Reconciliation]]:
        return list(zip(self.conventions.figures, self.layers, strict=True))

    def _notes(self) -> list[str]:
        unknown = [f"not known: {problem}" for problem in self.subject.uncounted]
        return [*unknown, *self.subject.remarks]

    def _remarks(self) -> list[ScreenSection]:
        notes = [limit_sentence(one, "as recomputed") for one in self.limits] + self._notes()
        return [[Bullets(notes)]] if notes else []

    def _title(self, figure: FigureToExplain) -> str:
        subject = f"{self.subject.source}, {figure.part.replace('_', ' ')}"
        recomputed = self._result(figure).recomputed
        figures = f"published {figure.published.text} {figure.convention.unit}, recomputed"
        return f"{subject}: {figures} {number(float(recomputed))}"

    def _result(self, figure: FigureToExplain) -> Reconciliation:
        return self.layers[self.conventions.figures.index(figure)]

    def _gap(self, figure: FigureToExplain, found: Reconciliation) -> str:
        if found.agrees:
            return "equal at the printed precision; nothing to explain"
        gap = float(found.recomputed) - float(figure.published.value)
        word = "less" if gap > 0 else "more"
        rounding = f"{float(figure.published.half_unit):g}"
        return f"published is {number(abs(gap))} {word}, give or take {rounding}"

    def _singles(self, found: Reconciliation) -> Table:
        columns = (
            Column("Explained by one layer"),
            Column("Change"),
            Column(self.subject.convention.unit, right=True),
            Column("Total then", right=True),
        )
        recomputed = float(found.recomputed)
        changes = [(edit, self._change(edit)) for edit in found.singles]
        rows = [
            [edit.row.name, str(edit), fixed(change), fixed(recomputed + change)]
            for edit, change in changes
        ]
        return Table(columns, rows)

    def _counts(self, found: Reconciliation) -> list[str]:
        count = len(found.singles)
        kernels = f"a layer left out, or its kernel from 1 to {found.largest_kernel} taps"
        lines = [
            f"{_explanations(count)} by one layer ({kernels})",
            f"{_explanations(found.pair_count)} by two layers, in the same range",
        ]
        if not count:
            lines += [f"for instance {self._pair(pair)}" for pair in found.pairs]
        return lines

    def _pair(self, pair: tuple[Edit, Edit]) -> str:
        return " and ".join(
            f"{edit.row.name} {edit} ({fixed(self._change(edit))})" for edit in pair
        )

    def _figure_tree(self, figure: FigureToExplain, found: Reconciliation) -> dict[str, Any]:
        return {
            "stage": figure.part,
            "convention": figure.convention.name,
            "published": figure.published.text,
            "recomputed": float(found.recomputed),
            "agrees": found.agrees,
            "single_layer": [self._edit_tree(edit) for edit in found.singles],
            "two_layer_count": found.pair_count,
            "largest_kernel_tried": found.largest_kernel,
        }

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
        return self.subject.ledger.millions_per_second(edit.price_per_frame)


def _explanations(count: int) -> str:
    return f"{count or 'no'} explanation{'' if count == 1 else 's'}"
