"""The pages Encoder and Decoder: one row for each layer, its inputs in marked columns."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase, digits
from typing import Any

from lrac_audit.design.parts import ResidualUnit
from lrac_audit.design.sheet import layout
from lrac_audit.design.sheet.grid import EMPTY, CellValue, Grid, shown_cell, shown_no_number
from lrac_audit.design.sheet.layers import (
    SHEET_LAYERS,
    declared_kind,
    expected_names,
    input_fields,
    is_block_name,
    is_layer_name,
    plant,
)
from lrac_audit.design.steps import field_of
from lrac_audit.errors import Problem, shown


class LayersPage:
    """Reader of one of the two pages."""

    def __init__(self, name: str, side: str, grid: Grid, problems: list[Problem]) -> None:
        self.name = name
        self.addresses: dict[str, str] = {}
        """Field of the design to the cell that it was read from."""
        self._side = side
        self._grid = grid
        self._problems = problems

    def fill(self, tree: dict[str, Any], row_count: int | None) -> None:
        """Put the values of the page into ``tree``, and its damage into the problems."""
        before = len(self._problems)
        self._headers()
        every = self._names(row_count)
        if len(self._problems) > before:
            return
        coder = tree[self._side]
        names = {row: name for row, name in every.items() if not is_block_name(name)}
        for row, name in every.items():
            if row in names:
                self._layer(coder, row, name)
            else:
                self._cells(coder, row, {})
        self._order(coder, names)
        strides = layout.COLUMNS["stride"].letter
        whole_column = f"{self.name}!{strides}{layout.FIRST_ROW}:{strides}{max(names)}"
        self.addresses[f"{self._side}.blocks"] = whole_column
        self.addresses.setdefault(f"{self._side}.output", f"{self.name}!A{max(names)}")

    def _problem(self, cell: str, given: str, allowed: str) -> None:
        self._problems.append(Problem(f"{self.name}!{cell}", given, allowed))

    def _headers(self) -> None:
        for column in layout.COLUMNS.values():
            cell = f"{column.letter}{layout.HEADER_ROW}"
            found = self._grid.get(cell, EMPTY).value
            if column.header and found != column.header:
                self._problem(cell, shown_cell(found), f"the header {shown(column.header)}")

    def _names(self, row_count: int | None) -> dict[int, str]:
        """Return the names of layers and blocks by row, from the first row to the last."""
        column = layout.COLUMNS["name"].letter
        texts = {_row(cell): self._grid[cell].value for cell in self._grid if _is_in(column, cell)}
        last = max((row for row, text in texts.items() if self._is_name(text)), default=0)
        names: dict[int, str] = {}
        for row in range(layout.FIRST_ROW, max(last, layout.FIRST_ROW) + 1):
            if self._is_name(texts.get(row)):
                names[row] = str(texts[row])
            else:
                allowed = f"the name of a layer of the {self._side}"
                self._problem(f"{column}{row}", shown_cell(texts.get(row)), allowed)
        self._below(max(last, layout.FIRST_ROW))
        found = last - layout.HEADER_ROW - sum(map(is_block_name, names.values()))
        if names and row_count is not None and found != row_count:
            cells = f"A{layout.FIRST_ROW}:A{last}"
            self._problem(cells, f"{found} rows", f"the {row_count} rows that were written")
        return names

    def _is_name(self, value: object) -> bool:
        return is_layer_name(value) and str(value).startswith(f"{self._side}.")

    def _below(self, last: int) -> None:
        """Refuse a cell below the layers, which would look as if it counted."""
        for cell, found in self._grid.items():
            if _row(cell) > last:
                self._problem(cell, shown_cell(found.value), "nothing below the layers")
                return

    def _layer(self, coder: dict[str, Any], row: int, name: str) -> None:
        kind = declared_kind(name)
        fields = input_fields(name, kind) if kind in SHEET_LAYERS else {}
        if kind in SHEET_LAYERS and self._is_other_kind(row, name, kind):
            for field in fields.values():
                plant(coder, _inside(field), 1)  # stands in, so that the other layers can be read
        else:
            self._cells(coder, row, fields)
        composite, _, last = name.rpartition(".")
        if last == "skip" and declared_kind(composite) is ResidualUnit:
            plant(coder, _inside(f"{field_of(composite)}.learnable_skip"), True)
        elif composite == f"{self._side}.lstm" and last.isdigit():
            coder["lstm_layers"] = coder.get("lstm_layers", 0) + 1

    def _is_other_kind(self, row: int, name: str, kind: type) -> bool:
        """Refuse a layer of another kind than a design has there, and say whether it is one."""
        cell = f"{layout.COLUMNS['op'].letter}{row}"
        found, allowed = self._grid.get(cell, EMPTY), SHEET_LAYERS.of_kind(name, kind).operation
        is_text = isinstance(found.value, str) and not found.is_formula
        is_other = bool(allowed) and is_text and found.value != allowed
        if is_other:
            self._problem(cell, shown_cell(found.value), f"the operation {allowed}")
        return is_other

    def _cells(self, coder: dict[str, Any], row: int, fields: Mapping[str, str]) -> None:
        for key, column in layout.COLUMNS.items():
            cell = f"{column.letter}{row}"
            found = self._grid.get(cell, EMPTY)
            if key in fields:
                self._input(coder, fields[key], cell, found)
            elif key != "name" and not found.is_formula and found.value is not None:
                self._derived(cell, column, found)

    def _input(self, coder: dict[str, Any], field: str, cell: str, found: CellValue) -> None:
        self.addresses[field] = f"{self.name}!{cell}"
        if field.endswith(".trim"):
            self.addresses[f"{field}_left"] = f"{self.name}!{cell}"
        if found.is_formula:
            self._problem(cell, f"the formula {shown_cell(found.value)}", "a value, typed as such")
        elif field.endswith(".causal"):
            plant(coder, _inside(field), self._flag(cell, found.value))
        else:
            plant(coder, _inside(field), self._whole(cell, found.value))

    def _derived(self, cell: str, column: layout.Column, found: CellValue) -> None:
        if column.letter == layout.COLUMNS["op"].letter and isinstance(found.value, str):
            return
        allowed = "nothing; this layer has no such input" if column.is_input else "its formula"
        self._problem(cell, shown_cell(found.value), allowed)

    def _whole(self, cell: str, value: object) -> int:
        number = whole(value)
        if number is None:
            self._problem(cell, shown_no_number(value), "a whole number")
            return 1
        return number

    def _flag(self, cell: str, value: object) -> bool:
        if isinstance(value, str) and value.strip().lower() in (layout.YES, layout.NO):
            return value.strip().lower() == layout.YES
        if isinstance(value, bool):
            return value
        self._problem(cell, shown_cell(value), f"{layout.YES} or {layout.NO}")
        return True

    def _order(self, coder: dict[str, Any], names: Mapping[int, str]) -> None:
        wanted = expected_names(self._side, coder)
        rows: list[tuple[int, str | None]] = list(names.items())
        rows += [(max(names) + 1, None)] * (len(wanted) - len(rows))
        for i, (row, found) in enumerate(rows):
            allowed = wanted[i] if i < len(wanted) else None
            if found != allowed:
                expected = "nothing" if allowed is None else f"the layer {allowed}"
                self._problem(f"A{row}", shown_cell(found), expected)
                return


def whole(value: object) -> int | None:
    """Return ``value`` as a whole number, which a sheet may hold as 5.0; None where it is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def _row(cell: str) -> int:
    return int(cell.lstrip(ascii_uppercase))


def _is_in(column: str, cell: str) -> bool:
    return cell.rstrip(digits) == column


def _inside(field: str) -> str:
    """Return ``field`` without the name of its coder."""
    return field.partition(".")[2]
