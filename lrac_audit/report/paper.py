"""The paper's tables beside the recomputed figures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lrac_audit.auditing.document import SCHEMA_VERSION
from lrac_audit.auditing.paper import PaperTable
from lrac_audit.report.text import PLAIN, Column, Style, markdown_table, number, table

SOURCE = "Baseline Systems for the 2025 LRAC Challenge (arXiv 2510.00264)"


def _columns(title: str) -> list[Column]:
    return [Column(title), Column("Published", True), Column("Recomputed", True), Column("")]


def _rows(found: PaperTable) -> list[list[str]]:
    return [
        [cell.title, cell.published.text, number(float(cell.recomputed)), cell.status]
        for cell in found.cells
    ]


def _counts(tables: Sequence[PaperTable]) -> str:
    cells = [cell for found in tables for cell in found.cells]
    different = sum(cell.status == "different" for cell in cells)
    return f"{len(cells)} cells, {len(cells) - different} equal, {different} different"


def render(tables: Sequence[PaperTable], style: Style = PLAIN) -> str:
    """As text for a terminal."""
    parts = [f"{SOURCE}\n"]
    for found in tables:
        rows = [[*row[:-1], style.status(row[-1])] for row in _rows(found)]
        parts.append(table(_columns(found.title), rows, style))
    return "\n".join([*parts, f"{_counts(tables)}\n"])


def render_markdown(tables: Sequence[PaperTable]) -> str:
    """As Markdown."""
    parts = [markdown_table(_columns(found.title), _rows(found)) for found in tables]
    return "\n".join([f"{SOURCE}\n", *parts, f"{_counts(tables)}\n"])


def render_json(tables: Sequence[PaperTable]) -> str:
    """As JSON."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "source": SOURCE,
        "tables": [
            {
                "title": found.title,
                "target": found.target,
                "cells": [
                    {
                        "title": cell.title,
                        "published": cell.published.text,
                        "recomputed": float(cell.recomputed),
                        "status": cell.status,
                    }
                    for cell in found.cells
                ],
            }
            for found in tables
        ],
    }
    return json.dumps(document, indent=2) + "\n"
