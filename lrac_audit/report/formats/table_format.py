"""Reports as tables and sentences, for a terminal or a pipe."""

from __future__ import annotations

from typing import assert_never

from lrac_audit.console.layout import Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.blocks import Bullets, Heading, Paragraph, ScreenBlock, StatusLine
from lrac_audit.report.content import ScreenContent
from lrac_audit.report.formats.interface import Format


class TableFormat(Format[ScreenContent]):
    """Boxes and colours in a terminal, plain text elsewhere."""

    name = "table"
    content = ScreenContent

    def render(self, report: ScreenContent, screen: Screen = PLAIN) -> str:
        """Return the sections with an empty line between them."""
        return "\n".join(
            "".join(_drawn(block, screen) for block in section)
            for section in report.screen_sections()
        )


def _drawn(block: ScreenBlock, screen: Screen) -> str:
    match block:
        case Heading(text):
            return screen.heading(text)
        case Paragraph(text):
            return screen.text(text)
        case Bullets(lines):
            return screen.bullets(lines)
        case Table():
            return screen.table(block)
        case StatusLine(subject, status, terms):
            return screen.verdict(subject, status, terms)
        case _:
            assert_never(block)
