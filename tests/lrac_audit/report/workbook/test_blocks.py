"""Blocks of layers in a sheet: their sums, and the groups under which their layers fold up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.design.sheet import read_sheet
from tests.lrac_audit.report.workbook.engine import Recalculation
from tests.lrac_audit.report.workbook.sheets import Edit, edit_sheet, write_baseline

HEADER_ROW = 4


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_baseline(tmp_path_factory.mktemp("blocks") / "track1.xlsx", "track1")


def rows_of(path: Path, page: str) -> list[dict[str, Any]]:
    """The rows below the header of a page, by heading, with their numbers under ``row``."""
    lines = load_workbook(path, data_only=True)[page].iter_rows(min_row=HEADER_ROW)
    head = [cell.value for cell in next(lines)]
    return [
        {"row": line[0].row, **dict(zip(head, (cell.value for cell in line), strict=True))}
        for line in lines
    ]


def test_a_block_is_the_sum_of_its_layers(sheet: Path) -> None:
    """By hand, in MMAC/s: three units of 8 x 8 channels with 5 taps and 1 at 24 kHz, then 8 x 16
    with 6 taps at 8 kHz; decoder: 160 x 64 with 5 taps at 100 Hz, then units of 64 x 64 at 500 Hz
    with 3 and 1 taps, 5 and 1, 5 and 3.
    """
    (first,) = [row for row in rows_of(sheet, "Encoder") if row["Layer"] == "encoder.blocks.0"]
    assert first["Operation"] == "block"
    assert first["MMAC/s"] == pytest.approx(3 * 8 * 8 * 6 * 0.024 + 8 * 16 * 6 * 0.008)
    assert (first["Channels in"], first["Channels out"], first["Kernel"]) == (8, 16, None)
    (first,) = [row for row in rows_of(sheet, "Decoder") if row["Layer"] == "decoder.blocks.0"]
    assert first["MMAC/s"] == pytest.approx(160 * 64 * 5 * 1e-4 + 64 * 64 * 18 * 5e-4)
    assert first["Look-ahead, samples"] == 240
    assert first["Look-ahead, ms"] == 10
    assert (first["Channels in"], first["Channels out"]) == (160, 64)


@pytest.mark.parametrize("page", ["Encoder", "Decoder"])
def test_every_sum_is_that_of_the_ledger(sheet: Path, page: str) -> None:
    ledger = audit("track1").ledger
    fields = {
        "MACs per frame": "macs_per_frame",
        "Parameters": "stored_values",
        "Past, samples": "past_samples",
        "Look-ahead, samples": "delay_samples",
        "State, values": "state_values",
        "Held, values": "held_values",
    }
    blocks = [row for row in rows_of(sheet, page) if row["Operation"] == "block"]
    assert [row["Layer"] for row in blocks] == [f"{page.lower()}.blocks.{i}" for i in range(4)]
    for block in blocks:
        inside = [row for row in ledger.rows if row.name.startswith(f"{block['Layer']}.")]
        for heading, field in fields.items():
            assert block[heading] == sum(getattr(row, field) for row in inside), heading
        live = max(ledger.live_values[inside[0].side][row.name] for row in inside)
        assert block["Live, values"] == live


def test_a_sum_takes_all_layers_of_its_block(sheet: Path) -> None:
    found = load_workbook(sheet)["Decoder"]
    rows = rows_of(sheet, "Decoder")
    for block in (row for row in rows if row["Operation"] == "block"):
        inside = [row["row"] for row in rows if row["Layer"].startswith(f"{block['Layer']}.")]
        formula = found.cell(block["row"], 14).value  # column N, the MACs of a frame
        assert formula == f"=SUM(N{inside[0]}:N{inside[-1]})"


@pytest.mark.parametrize("page", ["Encoder", "Decoder"])
def test_the_layers_of_a_block_fold_up_under_it(sheet: Path, page: str) -> None:
    found = load_workbook(sheet)[page]
    assert found.sheet_properties.outlinePr.summaryBelow is False
    for row in rows_of(sheet, page):
        is_inside = ".blocks." in row["Layer"] and row["Operation"] != "block"
        assert found.row_dimensions[row["row"]].outlineLevel == int(is_inside), row["Layer"]


def test_totals_are_those_of_blocks_and_of_layers_in_none(sheet: Path) -> None:
    for page, total in (("Encoder", 188.736), ("Decoder", 148.416)):
        rows = rows_of(sheet, page)
        top = [row for row in rows if ".blocks." not in row["Layer"] or row["Operation"] == "block"]
        assert sum(row["MMAC/s"] or 0 for row in top) == pytest.approx(total)


def test_an_edit_reaches_the_block_and_the_total(sheet: Path, tmp_path: Path) -> None:
    """Two taps more of 64 x 64 channels, at 5 steps of a frame."""
    edit = Edit("encoder.blocks.3.residual.1.convs.0", "kernel", 9)
    path = edit_sheet(sheet, tmp_path / "edited.xlsx", [edit])
    rows = {row["Layer"]: row["row"] for row in rows_of(sheet, "Encoder")}
    before, after = Recalculation(sheet), Recalculation(path)
    cells = [f"N{rows['encoder.blocks.3']}", "N3"]
    for cell in cells:
        added = after.value("Encoder", cell) - before.value("Encoder", cell)
        assert added == 2 * 64 * 64 * 5
    other = f"N{rows['encoder.blocks.2']}"
    assert after.value("Encoder", other) == before.value("Encoder", other)


def test_a_sheet_without_a_block_row_is_the_same_design(sheet: Path, tmp_path: Path) -> None:
    """The sums are no part of the design, so that a reader needs none of them."""
    book = load_workbook(sheet)
    book["Encoder"].delete_rows(6)
    book.save(tmp_path / "fewer.xlsx")
    design = read_sheet(tmp_path / "fewer.xlsx", "fewer").design
    assert design == read_sheet(sheet, "sheet").design == audit("track1").design


def test_a_mode_that_is_not_used_is_not_shown(sheet: Path, tmp_path: Path) -> None:
    lines = load_workbook(sheet, data_only=True)["Summary"].iter_rows(values_only=True)
    labels = [str(line[0]) for line in lines if str(line[0]).startswith("mode ")]
    assert labels == [f"mode {i}, {form}" for i in (1, 2) for form in ("absorbed", "projected")]
    book = load_workbook(sheet)
    (row,) = [cell.row for cell in book["Inputs"]["A"] if cell.value == "Mode 3"]
    (last,) = [cell.row for cell in book["Summary"]["A"] if "mode 2, projected" in str(cell.value)]
    book["Inputs"].cell(row - 1, 2).value = 3
    book["Inputs"].cell(row, 2).value = 6
    book.save(tmp_path / "modes.xlsx")
    found = Recalculation(tmp_path / "modes.xlsx")
    assert found.value("Summary", f"A{last + 1}") == "mode 3, absorbed"
    assert found.value("Summary", f"C{last - 1}") == 3  # 3 layers of 10 bits, 100 times a second
    assert found.value("Summary", f"C{last + 1}") == 6
    assert found.value("Summary", f"H{last + 1}") == pytest.approx(691.3536)
    assert found.value("Summary", f"I{last + 1}") == "pass"
    assert found.value("Summary", f"A{last + 3}") == ""
