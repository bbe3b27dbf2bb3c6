"""Rendering of tables and sentences: the interface, and plain text for pipes and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lrac_audit.console.layout import Frame, Table, cell_width, column_widths, fit, wrapped

PLAIN_WIDTH = 79
GAP = "  "
PLAIN_FRAME = Frame(per_column=len(GAP), once=-len(GAP))


class Screen(Protocol):
    """The interface that a report is rendered with. Methods return text; nothing is printed."""

    def table(self, table: Table) -> str:
        """Return ``table`` as lines."""

    def bullets(self, lines: Sequence[str]) -> str:
        """Return sentences as a list, broken between words."""

    def text(self, text: str) -> str:
        """Return lines of text, broken between words."""

    def heading(self, text: str) -> str:
        """Return ``text`` as a heading."""

    def verdict(self, subject: str, status: str, terms: str = "") -> str:
        """Return a line with the status of a subject, such as ``pass``, and its terms."""


class PlainScreen:
    """A screen without colours or boxes: the same text in every pipe and file."""

    def __init__(self, width: int | None = None) -> None:
        self._width = width
        """Cells that tables must fit; None shows every table in full."""

    def table(self, table: Table) -> str:
        """Return ``table`` under headings and a rule, its columns as wide as their content."""
        if self._width is not None:
            table = fit(table, self._width, PLAIN_FRAME)
        widths = column_widths(table)
        lines = [
            _line(table, widths, [column.heading for column in table.columns]),
            "-" * (sum(widths) + len(GAP) * (len(widths) - 1)),
            *(_line(table, widths, row) for row in table.rows),
        ]
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def bullets(self, lines: Sequence[str]) -> str:
        """Return sentences as a list, broken between words."""
        return bullet_list(lines, self._width or PLAIN_WIDTH)

    def text(self, text: str) -> str:
        """Return lines of text, broken between words where the width is known."""
        if self._width is None:
            return f"{text}\n"
        lines = [wrapped(line, self._width, "", "") for line in text.splitlines()]
        return "".join(f"{line}\n" for parts in lines for line in parts)

    def heading(self, text: str) -> str:
        """Return ``text`` without any mark."""
        return self.text(text)

    def verdict(self, subject: str, status: str, terms: str = "") -> str:
        """Return a line with the status of a subject, and its terms."""
        return self.text(f"{subject}: {status}{terms}")


PLAIN = PlainScreen()


def bullet_list(lines: Sequence[str], width: int) -> str:
    """Return sentences as a list, broken between words at ``width`` cells."""
    broken = [part for line in lines for part in wrapped(line, width, "- ", "  ")]
    return "".join(f"{line}\n" for line in broken)


def _line(table: Table, widths: Sequence[int], cells: Sequence[str]) -> str:
    padded = []
    for column, width, cell in zip(table.columns, widths, cells, strict=True):
        space = " " * (width - cell_width(cell))
        padded.append(space + cell if column.right else cell + space)
    return GAP.join(padded)
