"""Numbers as people write them, and tables in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lrac_audit.console.layout import Column, Table


def number(value: float | int | None, decimals: int = 4) -> str:
    """A figure as people write it: thousands apart, no needless zeros; empty for None."""
    if value is None:
        return ""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(value: float, decimals: int = 4) -> str:
    """A figure with a fixed number of decimals, so that a column lines up; empty for zero."""
    return f"{value:,.{decimals}f}" if value else ""


def markdown_table(table: Table) -> str:
    """Return a table in Markdown."""
    lines = [
        _markdown_line([column.heading for column in table.columns]),
        _markdown_line([_markdown_rule(column) for column in table.columns]),
    ]
    return "\n".join([*lines, *(_markdown_line(row) for row in table.rows)]) + "\n"


def _markdown_rule(column: Column) -> str:
    return "--:" if column.right else "---"


def _markdown_line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(markdown_text(cell) for cell in cells) + " |"


def markdown_text(text: str) -> str:
    """``text`` with everything escaped that Markdown or HTML would take for its own."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
