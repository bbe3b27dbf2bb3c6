"""The report on the figures of a publication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Bullets, Heading, PageSection, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, PageContent, ScreenContent
from lrac_audit.report.convention_sentences import explanation_tree, sentences
from lrac_audit.report.limit_sentences import limit_sentence, limit_tree
from lrac_audit.report.numerals import number

if TYPE_CHECKING:
    from lrac_audit.auditing.reconcile import Edit
    from lrac_audit.published.comparison import (
        Cell,
        ComparedTable,
        Comparison,
        ExplainedByLayers,
    )


@dataclass(frozen=True)
class PaperReport(ScreenContent, PageContent, DocumentContent):
    """Published figures beside the recomputed ones, and what explains those that differ."""

    comparison: Comparison

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the citation, the tables, explanations, and how many figures are equal."""
        return [[Heading(self.comparison.source.citation)], *self._sections()]

    def title(self) -> str:
        """Return the title of the publication."""
        return f"Figures of {self.comparison.source.title}"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the same as on a screen, the citation as a paragraph."""
        return [[Paragraph(self.comparison.source.citation)], *self._sections()]

    def document(self) -> Mapping[str, Any]:
        """Return every figure, published and recomputed, and every explanation."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        found, source = self.comparison, self.comparison.source
        return {
            "schema_version": SCHEMA_VERSION,
            "name": source.name,
            "source": source.citation,
            "tag": source.tag,
            "note": source.note,
            "tables": [_table_tree(table) for table in found.tables],
            "conventions": found.conventions and explanation_tree(found.conventions),
            "layers": [_layers_tree(one) for one in found.layers],
            "limits": [limit_tree(one) for one in found.limits],
        }

    def _sections(self) -> list[PageSection]:
        sections: list[PageSection] = [[Paragraph(self._about())]]
        sections += [[_table(found)] for found in self.comparison.tables]
        limits = [limit_sentence(one, "with what was left out") for one in self.comparison.limits]
        lines = [*self._explanations(), *limits]
        if lines:
            sections.append([Bullets(lines)])
        return [*sections, [Paragraph(self._counts())]]

    def _about(self) -> str:
        from lrac_audit.published.sources import TAGS

        source = self.comparison.source
        return f"Figures {TAGS[source.tag]}. {source.note}".strip()

    def _counts(self) -> str:
        cells = [cell for found in self.comparison.tables for cell in found.cells]
        counts = [
            f"{sum(cell.status == status for cell in cells)} {status}"
            for status in ("equal", "different", "not rebuilt")
            if status != "not rebuilt" or any(cell.status == status for cell in cells)
        ]
        return f"{len(cells)} cells, {', '.join(counts)}"

    def _explanations(self) -> list[str]:
        """Return what explains the costs that differ: ways of counting, else layers."""
        found = self.comparison.conventions
        if found is None:
            return []
        explained = {i for one in found.explanations for i in one.explained}
        rest = [one for i, one in enumerate(self.comparison.layers) if i not in explained]
        shared = Counter(_edit(edit) for one in rest for edit in one.found.singles)
        return [*sentences(found), *(_layer_sentence(one, shared) for one in rest)]


def _table(found: ComparedTable) -> Table:
    columns = [
        Column(found.title),
        Column("Published", right=True),
        Column("Recomputed", right=True),
        Column("", is_status=True),
    ]
    rows = [
        [cell.title, cell.published.text, _recomputed(cell), _status(cell)] for cell in found.cells
    ]
    return Table(columns, rows)


def _recomputed(cell: Cell) -> str:
    return "" if cell.recomputed is None else number(float(cell.recomputed))


def _status(cell: Cell) -> str:
    return f"{cell.status}, by hand" if cell.formula else cell.status


def _edit(edit: Edit) -> tuple[str, int]:
    return edit.row.name, edit.kernel


def _layer_sentence(one: ExplainedByLayers, shared: Counter[tuple[str, int]]) -> str:
    """Return the edits of one layer that explain a figure, first one that explains others too."""
    singles = sorted(one.found.singles, key=lambda edit: -shared[_edit(edit)])
    if not singles:
        return f"{one.title}: no single layer explains it"
    others = len(singles) - 1
    more = f"{others} other single layers would" if others else "no other single layer would"
    return f"{one.title}: explained by {singles[0].row.name}, {singles[0]}; {more}"


def _table_tree(found: ComparedTable) -> dict[str, Any]:
    return {
        "title": found.title,
        "target": found.target or None,
        "cells": [_cell_tree(cell) for cell in found.cells],
    }


def _cell_tree(cell: Cell) -> dict[str, Any]:
    return {
        "title": cell.title,
        "published": cell.published.text,
        "recomputed": None if cell.recomputed is None else float(cell.recomputed),
        "formula": cell.formula or None,
        "status": cell.status,
    }


def _layers_tree(one: ExplainedByLayers) -> dict[str, Any]:
    edits = [{"layer": edit.row.name, "change": str(edit)} for edit in one.found.singles]
    return {"figure": one.title, "single_layer": edits, "two_layer_count": one.found.pair_count}
