"""The pages of a sheet as rows and as tables, for readers without a spreadsheet program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrac_audit.console.layout import Column, Table
from lrac_audit.design.sheet import layout
from lrac_audit.errors import printable
from lrac_audit.report.blocks import Heading, PageSection, Paragraph
from lrac_audit.report.numerals import number
from lrac_audit.report.workbook.page import Cell, Page, Value

_LEFT_OUT = (layout.CHARTS,)
_FORMULA_STARTS = ("=", "+", "-", "@")


def sheet_rows(pages: Sequence[Page]) -> Iterator[list[Value]]:
    """Yield the rows of all pages one below the other, with the page's name in the first column.

    Text that a spreadsheet program would take for a formula gets an apostrophe in front.
    """
    for page in _shown(pages):
        for row in _rows(page):
            yield [page.name, *(_plain(cell) for cell in row)]


def sheet_sections(pages: Sequence[Page]) -> list[PageSection]:
    """Return every page under its name, adjoining rows as a table."""
    return [section for page in _shown(pages) for section in _page_sections(page)]


def _shown(pages: Sequence[Page]) -> list[Page]:
    return [page for page in pages if page.name not in _LEFT_OUT]


def _rows(page: Page) -> Iterator[list[Cell | None]]:
    """Yield the rows of a page from the first, empty ones included, each up to its last cell."""
    by_row: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in page.cells.items():
        by_row.setdefault(row, {})[column] = cell
    for row in range(1, max(by_row) + 1):
        cells = by_row.get(row, {})
        filled = [column for column, cell in cells.items() if cell.value not in (None, "")]
        yield [cells.get(column) for column in range(1, max(filled, default=0) + 1)]


def _plain(cell: Cell | None) -> Value:
    value = None if cell is None else cell.value
    if isinstance(value, str):
        text = printable(value.strip())
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    return value


def _page_sections(page: Page) -> Iterator[PageSection]:
    yield [Heading(page.name)]
    block: list[list[Cell | None]] = []
    for row in [*_rows(page), []]:
        if row:
            block.append(row)
        elif block:
            yield from _block(block)
            block = []


def _block(block: list[list[Cell | None]]) -> Iterator[PageSection]:
    """Yield leading rows of one cell as paragraphs, and the rest as a table under its first row."""
    while block and len(block[0]) == 1:
        yield [Paragraph(_text(block.pop(0)[0]))]
    if not block:
        return
    width = max(map(len, block))
    head, *rows = [[*row, *[None] * (width - len(row))] for row in block]
    right = [isinstance(row.value, int | float) for row in rows[0] if row] if rows else []
    columns = [Column(_text(cell), i < len(right) and right[i]) for i, cell in enumerate(head)]
    yield [Table(columns, [[_text(cell) for cell in row] for row in rows])]


def _text(cell: Cell | None) -> str:
    value = None if cell is None else cell.value
    if isinstance(value, str):
        return printable(value.strip())
    return number(value)
