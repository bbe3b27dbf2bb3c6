"""The paper's tables beside the recomputed figures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lrac_audit.auditing.document import SCHEMA_VERSION
from lrac_audit.auditing.paper import PaperTable
from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.text import markdown_table, number

SOURCE = "Baseline Systems for the 2025 LRAC Challenge (arXiv 2510.00264)"


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


def _counts(tables: Sequence[PaperTable]) -> str:
    cells = [cell for found in tables for cell in found.cells]
    different = sum(cell.status == "different" for cell in cells)
    return f"{len(cells)} cells, {len(cells) - different} equal, {different} different"


def render(tables: Sequence[PaperTable], screen: Screen = PLAIN) -> str:
    """Return the text for a terminal or a pipe."""
    parts = [screen.table(_table(found)) for found in tables]
    return "\n".join([screen.heading(SOURCE), *parts, screen.text(_counts(tables))])


def render_markdown(tables: Sequence[PaperTable]) -> str:
    """Return the Markdown."""
    parts = [markdown_table(_table(found)) for found in tables]
    return "\n".join([f"{SOURCE}\n", *parts, f"{_counts(tables)}\n"])


def render_json(tables: Sequence[PaperTable]) -> str:
    """Return the JSON document as text."""
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
