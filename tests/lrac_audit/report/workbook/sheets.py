"""Writing sheets for tests, editing their cells as somebody would, and reading what they say."""

from __future__ import annotations

import functools
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import write_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.report.workbook.build import sheet_pages
from lrac_audit.report.workbook.writer import workbook_bytes

HEADERS = {
    "channels": "Channels out",
    "kernel": "Kernel",
    "stride": "Stride",
    "dilation": "Dilation",
    "groups": "Groups",
    "causal": "Causal",
    "trim": "Trim left, samples",
    "compress": "Compress",
}
"""Field of a layer to the heading of its column."""
LABELS = {
    "sample_rate_hz": "Sample rate",
    "quantizer.layers": "RVQ layers",
    "quantizer.codebook_size": "Codewords per layer",
    "quantizer.codebook_dim": "Codeword width",
}
"""Field of the whole design to its label on the page Inputs."""


class Edit(NamedTuple):
    """One change: a layer (or nothing) and a field of it, and the new value."""

    layer: str
    field: str
    value: Any


def write(path: Path, found: Audit) -> Path:
    """The sheet of an audit, at ``path``."""
    path.write_bytes(workbook_bytes(sheet_pages(found), found.ledger.name))
    return path


def write_baseline(path: Path, track: str) -> Path:
    """The sheet of a baseline, at ``path``."""
    path.write_bytes(_baseline(track))
    return path


@functools.cache
def _baseline(track: str) -> bytes:
    """A sheet that many tests start from, and that takes longer to make than to read."""
    return workbook_bytes(sheet_pages(audit(track)), load_design(track).design.name)


def cell_of(page: Worksheet, layer: str, field: str) -> Any:
    """The cell of a layer's field, found by the name of its row and the heading of its column."""
    (row,) = [cell.row for cell in page["A"] if cell.value == layer]
    (column,) = [cell.column for cell in page[4] if cell.value == HEADERS[field]]
    return page.cell(row, column)


def edit_sheet(source: Path, path: Path, edits: list[Edit]) -> Path:
    """A copy of a sheet with some cells changed by openpyxl, which drops all calculated values."""
    book = load_workbook(source)
    for edit in edits:
        cell, value = typed(book, edit)
        cell.value = value
    book.save(path)
    return path


def typed(book: Workbook, edit: Edit) -> tuple[Any, Any]:
    """The cell that an edit changes, and what somebody types there."""
    if not edit.layer:
        page = book["Inputs"]
        (row,) = [cell.row for cell in page["A"] if cell.value == LABELS[edit.field]]
        return page.cell(row, 2), edit.value
    page = book["Encoder" if edit.layer.startswith("encoder") else "Decoder"]
    cell = cell_of(page, edit.layer, edit.field)
    assert cell.data_type != "f", edit
    return cell, {True: "yes", False: "no"}[edit.value] if edit.field == "causal" else edit.value


def edit_yaml(design: CodecDesign, path: Path, edits: list[Edit]) -> Path:
    """The design as YAML with the same changes."""
    tree: Any = yaml.safe_load(write_design(design))
    for edit in edits:
        part, field = tree, edit.field
        steps = edit.layer.split(".") if edit.layer else field.split(".")[:-1]
        field = field.rpartition(".")[2]
        if field == "compress":
            steps = steps[:-2]
        for step in steps:
            part = part[int(step)] if step.isdigit() else part[step]
        part[field] = edit.value
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return path


def summary(path: Path) -> dict[str, list[Any]]:
    """The lines of the page Summary as they are stored: label to the cells behind it."""
    with closing(load_workbook(path, data_only=True, read_only=True)) as book:
        return {
            str(row[0]).strip(): list(row[1:])
            for row in book["Summary"].iter_rows(values_only=True)
            if row[0] is not None
        }


def audits(target: Path | str) -> dict[str, Audit]:
    """A target audited in both forms."""
    design = load_design(target).design
    return {form: audit(design, rvq=form) for form in ("absorbed", "projected")}
