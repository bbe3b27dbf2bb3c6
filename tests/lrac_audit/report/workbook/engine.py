"""Recalculating workbooks without a spreadsheet program, by pycel.

The engine gets the formulas and what is typed, and none of the values that the file brings along.
"""

from __future__ import annotations

import ast
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from openpyxl import load_workbook
from pycel import ExcelCompiler, excelformula

from tests.lrac_audit.report.workbook.sheets import Edit, typed

FUNCTIONS = "tests.lrac_audit.report.workbook.functions"
DEEPEST_CHAIN = 20_000
"""Calls of Python that one cell may need: each cell that it depends on takes a few."""

logging.getLogger("pycel").setLevel(logging.CRITICAL)


def _text(text: str = "", *, s: str | None = None) -> ast.Constant:
    return ast.Constant(text if s is None else s)


# pycel makes nodes by ast.Str, which Python 3.12 deprecates and 3.14 no longer has.
excelformula.ast = SimpleNamespace(**{**vars(ast), "Str": _text})


class Recalculation:
    """A workbook whose cells are calculated when they are asked for."""

    def __init__(self, path: Path) -> None:
        self._book = load_workbook(path)
        self._compiler = ExcelCompiler(excel=self._book, plugins=[FUNCTIONS])
        # pycel reads defined names by an interface that openpyxl has given up.
        self._compiler.excel._defined_names = {
            name: [(cells, page) for page, cells in defined.destinations]
            for name, defined in self._book.defined_names.items()
        }

    def value(self, page: str, coordinate: str) -> Any:
        """What the cell comes to."""
        deepest = sys.getrecursionlimit()
        sys.setrecursionlimit(DEEPEST_CHAIN)
        try:
            return self._compiler.evaluate(f"'{page}'!{coordinate}")
        finally:
            sys.setrecursionlimit(deepest)

    def formulas(self) -> dict[str, Any]:
        """Every formula's cell, such as ``Summary!C12``, to what it comes to."""
        return {
            f"{page.title}!{cell.coordinate}": self.value(page.title, cell.coordinate)
            for page in self._book
            for row in page.iter_rows()
            for cell in row
            if cell.data_type == "f"
        }

    def summary(self) -> dict[str, list[Any]]:
        """The lines of the page Summary: label to the cells behind it."""
        return {
            str(self.value("Summary", label.coordinate)).strip(): [
                self._plain(cell) for cell in cells
            ]
            for label, *cells in self._book["Summary"].iter_rows()
            if label.value is not None
        }

    def summary_after(self, *edits: Edit) -> dict[str, list[Any]]:
        """The lines of the page Summary once inputs are edited; afterwards these are as before.

        Only inputs that formulas have used can be edited: those of a summary asked for earlier.
        """
        cells = [typed(self._book, edit) for edit in edits]
        places = [f"{cell.parent.title}!{cell.coordinate}" for cell, _ in cells]
        for place, (_, value) in zip(places, cells, strict=True):
            self._compiler.set_value(place, value)
        try:
            return self.summary()
        finally:
            for place, (cell, _) in zip(places, cells, strict=True):
                self._compiler.set_value(place, cell.value)

    def _plain(self, cell: Any) -> Any:
        return self.value("Summary", cell.coordinate) if cell.data_type == "f" else cell.value
