"""The page Inputs: what concerns the whole design, its quantizer, its modes and its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lrac_audit.design.sheet import layout
from lrac_audit.design.sheet.grid import EMPTY, CellValue, Grid, shown_cell, shown_no_number
from lrac_audit.design.sheet.layers_page import whole
from lrac_audit.errors import Problem, shown

_CONSTANT = re.compile(r"\s*([a-z_]{1,40})\s*=\s*([-+]?[0-9.]{1,30}(?:e[-+]?[0-9]{1,3})?)\s*")
MAX_ROWS_BELOW = 100
"""Most rows below the inputs that derived values and prices take."""
_NAMES = ("encoder.activation", "decoder.activation", "decoder.final_activation")


class InputsPage:
    """Reader of the page."""

    def __init__(self, grid: Grid, problems: list[Problem]) -> None:
        self.addresses: dict[str, str] = {}
        """Field of the design to the cell that it was read from."""
        self.limit_edits: dict[str, Any] = {}
        self._grid = grid
        self._problems = problems
        slots = [self._slots(text) for text in (layout.MODE_LABEL, layout.BITRATE_LABEL)]
        self._layout = layout.InputsLayout(*slots)
        self._labels()

    def fill(self, tree: dict[str, Any]) -> None:
        """Put the values of the page into ``tree``, and its damage into the problems."""
        tree.update(encoder={}, quantizer={}, decoder={})
        self._plant(tree, "name", self._text("name"))
        for field in ("sample_rate_hz", "audio_channels"):
            self._plant(tree, field, self._whole(field))
        for field in ("quantizer.layers", "quantizer.codebook_size", "quantizer.codebook_dim"):
            if field != "quantizer.codebook_dim" or self._value(field).value is not None:
                self._plant(tree, field, self._whole(field))
        self._modes(tree)
        for field in _NAMES:
            self._activation(tree, field)
        limits = self._text("limits")
        if limits != layout.NONE:
            tree["limits"] = limits
        self._limit_edits()
        self._typed_over()

    def limit_cells(self) -> dict[str, str]:
        """Return the cells of the limits by field; that of the set's name is under ``limits``."""
        return {
            field.removeprefix("limits."): cell
            for field, cell in self.addresses.items()
            if field.startswith("limits")
        }

    def row_count(self, page: str) -> int | None:
        """Return the number of layers that ``page`` was written with."""
        return self._whole(f"rows.{page}")

    def _slots(self, label: str) -> int:
        texts = [cell.value for cell in self._grid.values() if isinstance(cell.value, str)]
        found = [text for text in texts if re.fullmatch(rf"{label} \d+(, kbps)?", text)]
        return min(max(len(found), 1), 64)

    def _problem(self, cell: str, given: str, allowed: str) -> None:
        """Add the problem of a cell, unless it has one already."""
        where = f"{layout.INPUTS}!{cell}"
        if all(problem.field != where for problem in self._problems):
            self._problems.append(Problem(where, given, allowed))

    def _labels(self) -> None:
        for row, text in (self._layout.labels | self._layout.headings).items():
            found = self._grid.get(f"A{row}", EMPTY).value
            if found != text:
                self._problem(f"A{row}", shown_cell(found), f"the label {shown(text)}")

    def _value(self, field: str) -> CellValue:
        cell = self._layout.cell(field)
        self.addresses[field] = f"{layout.INPUTS}!{cell}"
        found = self._grid.get(cell, EMPTY)
        if found.is_formula:
            self._problem(cell, f"the formula {shown_cell(found.value)}", "a value, typed as such")
        return found

    def _whole(self, field: str) -> int | None:
        found = self._value(field)
        number = whole(found.value)
        if number is None:
            self._problem(self._layout.cell(field), shown_no_number(found.value), "a whole number")
        return number

    def _text(self, field: str) -> str:
        found = self._value(field)
        if isinstance(found.value, str):
            return found.value
        self._problem(self._layout.cell(field), shown_cell(found.value), "a text")
        return ""

    @staticmethod
    def _plant(tree: dict[str, Any], field: str, value: object) -> None:
        part, dot, key = field.rpartition(".")
        (tree[part] if dot else tree)[key] = value

    def _modes(self, tree: dict[str, Any]) -> None:
        modes = []
        for i in range(self._layout.mode_slots):
            field = f"quantizer.modes[{i}]"
            if self._value(field).value is not None:
                modes.append(self._whole(field))
                cell = f"{layout.INPUTS}!{self._layout.cell(field)}"
                self.addresses[f"quantizer.modes[{len(modes) - 1}]"] = cell
        tree["quantizer"]["modes"] = modes

    def _activation(self, tree: dict[str, Any], field: str) -> None:
        name, constants = self._text(field), self._constants(f"{field}.constants")
        for constant in constants:
            self.addresses[f"{field}.{constant}"] = self.addresses[f"{field}.constants"]
        if name != layout.NONE or field != "decoder.final_activation":
            self._plant(tree, field, {"name": name, **constants} if constants else name)

    def _constants(self, field: str) -> dict[str, float]:
        value = self._value(field).value
        if value is None:
            return {}
        constants: dict[str, float] = {}
        for text in str(value).split(","):
            match = _CONSTANT.fullmatch(text)
            number = _number(match[2]) if match else None
            if match is None or number is None or match[1] in constants or match[1] == "name":
                allowed = "nothing, or constants such as alpha=0.5"
                self._problem(self._layout.cell(field), shown_cell(value), allowed)
                return {}
            constants[match[1]] = number
        return constants

    def _limit_edits(self) -> None:
        for key in layout.LIMIT_FIELDS:
            value = self._convention() if key == "convention" else self._bound(key)
            if value is not None:
                self.limit_edits[key] = None if value == layout.NONE else value
        slots = range(self._layout.bitrate_slots)
        bitrates = [self._bound(f"bitrates_kbps[{i}]") for i in slots]
        typed = [rate for rate in bitrates if rate is not None]
        if typed:
            self.limit_edits["bitrates_kbps"] = [rate for rate in typed if rate != layout.NONE]

    def _convention(self) -> str | None:
        field = "limits.convention"
        return None if self._value(field).value is None else self._text(field)

    def _bound(self, key: str) -> float | str | None:
        """Return the own limit in a cell: a number, ``none``, or None where nothing is typed."""
        field = f"limits.{key}"
        value = self._value(field).value
        if value is None:
            return None
        if isinstance(value, str) and value.lower() == layout.NONE:
            return layout.NONE
        if type(value) in (int, float) and isinstance(value, int | float) and 0 < value < 1e18:
            number = whole(value) if key == "sample_rate_hz" else value
            if number is not None:
                return number
        allowed = f"nothing, {layout.NONE}, or a positive number"
        self._problem(self._layout.cell(field), shown_no_number(value), allowed)
        return None

    def _typed_over(self) -> None:
        """Refuse numbers in place of formulas, since the sheet's figures would follow them."""
        for cell in self._calculated():
            found = self._grid.get(cell, EMPTY)
            if isinstance(found.value, int | float) and not found.is_formula:
                self._problem(cell, shown(found.value), "its formula")

    def _calculated(self) -> Iterator[str]:
        """Yield the cells that hold formulas: beside modes and limits, and all derived values."""
        for field, row in self._layout.rows.items():
            if field.startswith(("quantizer.modes[", "limits.", "show.mode")):
                yield from (f"C{row}", f"D{row}")
        first = self._layout.end - 1
        for row in range(first, first + MAX_ROWS_BELOW):
            if f"A{row}" in self._grid:
                yield f"B{row}"


def _number(text: str) -> float | None:
    for read in (int, float):
        with suppress(ValueError):
            return read(text)
    return None
