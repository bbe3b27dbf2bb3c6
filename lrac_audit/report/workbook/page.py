"""The pages of a workbook before they are written: cells by address, and formatting.

Every renderer of a sheet (the workbook itself, CSV, Markdown) reads these pages, and so does the
comparison of sheets. A formula always comes with its value, which the auditor knows by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

Value = str | int | float | None


class Cell(NamedTuple):
    """One cell of a page."""

    value: Value
    """The value that is shown; for a formula, the one that the auditor computed."""
    style: str
    """Words that :mod:`lrac_audit.report.workbook.styles` defines."""
    formula: str = ""
    """The formula, with its ``=``; empty for a cell that is not calculated."""


class Rule(NamedTuple):
    """The values that may be typed into a cell: a list, or numbers in a range."""

    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = True
    hint: str = ""


class Series(NamedTuple):
    """One series of a chart, as ranges of cells."""

    name: str
    categories: str
    values: str
    colour: str
    """The colour as ``#RRGGBB``; empty for an invisible series that others are stacked on."""


class Chart(NamedTuple):
    """A chart over cells of a page."""

    title: str
    kind: str
    """``column`` (stacked) or ``doughnut``."""
    series: tuple[Series, ...]
    cell: str
    """The cell under its top left corner."""
    size: tuple[int, int]
    """Width and height in pixels."""
    axis: str = ""
    """Title of the value axis."""
    colours: tuple[str, ...] = ()
    """Colours of a doughnut's points."""


@dataclass
class Page:
    """One page of a workbook."""

    name: str
    widths: dict[str, float] = field(default_factory=dict)
    """Column letter, or range such as ``C:F``, to width in characters."""
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    """By row and column, both from 1."""
    rules: dict[str, Rule] = field(default_factory=dict)
    """Address to the values that may be typed there."""
    names: dict[str, str] = field(default_factory=dict)
    """Name of a cell or range to its address, with ``$`` signs."""
    heights: dict[int, float] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    """Ranges merged into one cell, whose text runs over several columns and lines."""
    marked: list[str] = field(default_factory=list)
    """Ranges that show pass in green and fail in red."""
    margins: list[str] = field(default_factory=list)
    """Ranges whose negative numbers are red."""
    charts: list[Chart] = field(default_factory=list)
    header_row: int = 0
    """The row that is repeated on every printed page; 0 for none."""
    frozen_rows: int | None = None
    """Number of rows that stay in view; None for all down to the header."""
    frozen_columns: int = 0
    groups: list[tuple[int, int]] = field(default_factory=list)
    """First and last row of groups that fold up under the row above them."""
    filtered: str = ""
    """The range that has filters."""
    colour: str = ""
    """Colour of the tab."""
    break_before: int = 0
    """The row that begins a new printed page; 0 for none."""
    large: bool = False
    """Whether it is printed on A3."""

    def put(self, address: str, value: Value, style: str = "text") -> None:
        """Write a text or a number that stays as it is."""
        self.cells[row_and_column(address)] = Cell(value, style)

    def calculate(self, address: str, formula: str, value: Value, style: str = "number") -> None:
        """Write a formula and its value."""
        assert formula.startswith("=")
        self.cells[row_and_column(address)] = Cell(value, style, formula)

    def name_cell(self, name: str, address: str) -> None:
        """Give a cell or a range of this page a name that formulas use."""
        corners = [row_and_column(corner) for corner in address.split(":")]
        self.names[name] = ":".join(f"${letter(column)}${row}" for row, column in corners)


def row_and_column(address: str) -> tuple[int, int]:
    """Return the row and column of an address such as ``B7``, both from 1."""
    letters = address.rstrip("0123456789")
    column = 0
    for one in letters:
        column = column * 26 + ord(one) - ord("A") + 1
    return int(address[len(letters) :]), column


def letter(column: int) -> str:
    """Return the letters of a column, whose numbers begin at 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def address(row: int, column: int) -> str:
    """Return the address of a cell."""
    return f"{letter(column)}{row}"
