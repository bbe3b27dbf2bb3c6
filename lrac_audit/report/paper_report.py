"""The report on the paper's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Heading, PageSection, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, PageContent, ScreenContent
from lrac_audit.report.numerals import number

if TYPE_CHECKING:
    from lrac_audit.auditing.paper import Cell, PaperTable


@dataclass(frozen=True)
class PaperReport(ScreenContent, PageContent, DocumentContent):
    """Published figures beside the recomputed ones."""

    tables: Sequence[PaperTable]

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the paper's title, its tables, and how many figures are equal."""
        return [[Heading(_source())], *self._table_sections(), [Paragraph(self._counts())]]

    def page_sections(self) -> Sequence[PageSection]:
        """Return the same as on a screen, the title as a paragraph."""
        return [[Paragraph(_source())], *self._table_sections(), [Paragraph(self._counts())]]

    def document(self) -> Mapping[str, Any]:
        """Return every figure, published and recomputed."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        tables = [
            {
                "title": found.title,
                "target": found.target,
                "cells": [_cell_tree(cell) for cell in found.cells],
            }
            for found in self.tables
        ]
        return {"schema_version": SCHEMA_VERSION, "source": _source(), "tables": tables}

    def _table_sections(self) -> list[PageSection]:
        return [[_table(found)] for found in self.tables]

    def _counts(self) -> str:
        cells = [cell for found in self.tables for cell in found.cells]
        different = sum(cell.status == "different" for cell in cells)
        return f"{len(cells)} cells, {len(cells) - different} equal, {different} different"


def _source() -> str:
    from lrac_audit.auditing.paper import SOURCE

    return SOURCE


def _table(found: PaperTable) -> Table:
    columns = [
        Column(found.title),
        Column("Published", right=True),
        Column("Recomputed", right=True),
        Column("", is_status=True),
    ]
    rows = [
        [cell.title, cell.published.text, number(float(cell.recomputed)), cell.status]
        for cell in found.cells
    ]
    return Table(columns, rows)


def _cell_tree(cell: Cell) -> dict[str, Any]:
    return {
        "title": cell.title,
        "published": cell.published.text,
        "recomputed": float(cell.recomputed),
        "status": cell.status,
    }
