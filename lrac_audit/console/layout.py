"""Lay out tables and sentences in terminal cells: measure, fit, shorten and wrap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

ELLIPSIS = "…"
MIN_SHORTENED_CELLS = 8
"""Names are not shortened further than this."""


class Column(NamedTuple):
    """A column of a table: heading, alignment, and priority when space is short."""

    heading: str
    right: bool = False
    spare: int = 0
    """Too wide a table loses the column with the highest number first; 0 always stays."""
    is_status: bool = False
    """Whether each cell begins with a status, which a terminal colours."""


class Table(NamedTuple):
    """Columns and rows of text."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float | None] = ()
    """The share of each row in the total, drawn as a bar in a terminal; empty for no bars."""
    caption: str = ""
    """The title where a format shows one; empty for the first heading."""
    is_list: bool = False
    """Whether the rows may stand in any order, so that a reader may sort and filter them."""
    shares_heading: str = "Share of total"
    """The heading of the bars."""


class Frame(NamedTuple):
    """Cells that the lines and gaps of a table take."""

    per_column: int
    once: int


def cell_width(text: str) -> int:
    """Return how many terminal cells ``text`` takes; a Chinese character takes two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def column_widths(table: Table) -> list[int]:
    """Return the width of each column, in terminal cells."""
    headings = [column.heading for column in table.columns]
    return [max(map(cell_width, cells)) for cells in zip(headings, *table.rows, strict=True)]


def fit(table: Table, width: int, frame: Frame) -> Table:
    """Return ``table`` made to fit ``width`` cells.

    Spare columns are dropped first; then names are shortened in the middle. Figures are never
    cut, so that a table of many columns may stay wider than a very narrow terminal.
    """
    while (excess := total_width(table, frame) - width) > 0:
        index = max(range(len(table.columns)), key=lambda i: table.columns[i].spare)
        if not table.columns[index].spare:
            return _with_short_names(table, excess)
        table = _without_column(table, index)
    return table


def total_width(table: Table, frame: Frame) -> int:
    """Return how many cells ``table`` takes with its lines and gaps."""
    widths = column_widths(table)
    return sum(widths) + frame.per_column * len(widths) + frame.once


def _without_column(table: Table, index: int) -> Table:
    def rest(cells: Sequence[Any]) -> list[Any]:
        return [*cells[:index], *cells[index + 1 :]]

    return table._replace(columns=rest(table.columns), rows=[rest(row) for row in table.rows])


def _with_short_names(table: Table, excess: int) -> Table:
    """Return ``table`` less ``excess`` cells, taken from its widest columns of names."""
    widths = column_widths(table)
    names = [i for i, column in enumerate(table.columns) if not (column.right or column.is_status)]
    for index in sorted(names, key=lambda i: -widths[i]):
        cells = max(MIN_SHORTENED_CELLS, widths[index] - excess)
        if cells < widths[index]:
            excess -= widths[index] - cells
            table = _with_column_width(table, index, cells)
        if excess <= 0:
            break
    return table


def _with_column_width(table: Table, index: int, cells: int) -> Table:
    columns = list(table.columns)
    columns[index] = columns[index]._replace(heading=shortened(columns[index].heading, cells))
    rows = [
        [shortened(cell, cells) if i == index else cell for i, cell in enumerate(row)]
        for row in table.rows
    ]
    return table._replace(columns=columns, rows=rows)


def shortened(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells, an ellipsis in place of its middle."""
    if cell_width(text) <= width:
        return text
    kept = width - cell_width(ELLIPSIS)
    tail = "".join(reversed(_first_cells(reversed(text), kept // 2)))
    head = "".join(_first_cells(text, kept - cell_width(tail)))
    return f"{head}{ELLIPSIS}{tail}"


def _first_cells(characters: Iterable[str], width: int) -> list[str]:
    taken: list[str] = []
    for character in characters:
        width -= cell_width(character)
        if width < 0:
            break
        taken.append(character)
    return taken


def wrapped(text: str, width: int, first: str, later: str) -> list[str]:
    """Return ``text`` broken between words into lines of at most ``width`` cells.

    The first line begins with ``first``, the others with ``later``. A longer word is not broken.
    """
    lines: list[str] = []
    line, is_empty = first, True
    for word in text.split():
        if is_empty:
            line += word
        elif cell_width(line) + 1 + cell_width(word) <= width:
            line += f" {word}"
        else:
            lines.append(line)
            line = later + word
        is_empty = False
    return [*lines, line]
