"""Reports as Markdown, for a pull request or a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.blocks import Bullets, Heading, PageBlock, PageSection, Paragraph
from lrac_audit.report.content import PageContent
from lrac_audit.report.formats.interface import Format


class MarkdownFormat(Format[PageContent]):
    """The report's page as GitHub's Markdown."""

    name = "markdown"
    content = PageContent

    def render(self, report: PageContent, screen: Screen = PLAIN) -> str:
        """Return the sections with an empty line between them."""
        return markdown_sections(report.page_sections())


def markdown_sections(sections: Sequence[PageSection]) -> str:
    """Return ``sections`` with an empty line between them."""
    return "\n".join("".join(map(_written, section)) for section in sections)


def markdown_table(table: Table) -> str:
    """Return a table in Markdown."""
    lines = [
        _line([column.heading for column in table.columns]),
        _line([_rule(column) for column in table.columns]),
    ]
    return "\n".join([*lines, *(_line(row) for row in table.rows)]) + "\n"


def _written(block: PageBlock) -> str:
    match block:
        case Heading(text):
            return f"## {escaped(text)}\n"
        case Paragraph(text):
            return f"{escaped(text)}\n"
        case Bullets(lines):
            return "".join(f"- {escaped(line)}\n" for line in lines)
        case Table():
            return markdown_table(block)
        case _:
            assert_never(block)


def _rule(column: Column) -> str:
    return "--:" if column.right else "---"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def escaped(text: str) -> str:
    """Return ``text`` with everything escaped that Markdown or HTML would take for its own."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
