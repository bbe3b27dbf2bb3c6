"""Read the design in the input cells of a design sheet.

Only what somebody types is read, never what a formula came to; so a sheet reads the same before
and after a spreadsheet program recalculates it. Problems of a design are reported by the address
of the cell that holds the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.design import native
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.sheet import layout
from lrac_audit.design.sheet.grid import Grid, read_pages
from lrac_audit.design.sheet.inputs_page import InputsPage
from lrac_audit.design.sheet.layers_page import LayersPage
from lrac_audit.errors import InputError, Problem

PAGES = (layout.INPUTS, layout.ENCODER, layout.DECODER)
"""The pages that hold a design."""


class ReadSheet(NamedTuple):
    """The content of a sheet's input cells."""

    design: CodecDesign
    limit_edits: Mapping[str, Any]
    """Fields of the limit set that the sheet replaces; None for a bound that is not checked."""
    limit_cells: Mapping[str, str]
    """The cells of those fields, and under ``limits`` the cell of the limit set's name."""


def read_sheet(path: Path, source: str) -> ReadSheet:
    """Return the design in the workbook at ``path``.

    Raises:
        InputError: it is no design sheet, is damaged, or holds no valid design; with every problem
            and its cell.
    """
    pages = read_pages(path, (*PAGES, layout.LAYERS), layout.MAX_LAYERS)
    if layout.LAYERS in pages and layout.INPUTS not in pages:
        allowed = "one that calculates, or the YAML file of its design"
        raise InputError(source, [Problem("", "a sheet of values, which is a report", allowed)])
    missing = [
        Problem(name, "no page of that name", "a page") for name in PAGES if name not in pages
    ]
    if missing:
        raise InputError(source, missing)
    return _read(pages, source)


def _read(pages: Mapping[str, Grid], source: str) -> ReadSheet:
    problems: list[Problem] = []
    inputs = InputsPage(pages[layout.INPUTS], problems)
    tree: dict[str, Any] = {native.FORMAT.key: native.FORMAT.version}
    inputs.fill(tree)
    for name, side in ((layout.ENCODER, "encoder"), (layout.DECODER, "decoder")):
        page = LayersPage(name, side, pages[name], problems)
        page.fill(tree, inputs.row_count(name))
        inputs.addresses.update(page.addresses)
    if problems:
        raise InputError(source, problems)
    try:
        design = native.read_design(tree, source)
    except InputError as error:
        raise error.renamed(source, inputs.addresses) from None
    return ReadSheet(design, inputs.limit_edits, inputs.limit_cells())
