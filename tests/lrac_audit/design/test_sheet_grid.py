"""Reading workbooks cell by cell, within bounds."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from lrac_audit.design.sheet import grid
from lrac_audit.design.sheet.grid import CellValue, check_size, read_pages, shown_cell
from lrac_audit.errors import InputError


def book(path: Path) -> Path:
    made = Workbook()
    page = made.active
    page.title = "One"
    page["A1"], page["B2"], page["AN3"], page["AO3"] = "text", 1.5, 40, 41
    page["C1"], page["D1"], page["E1"] = "=1+1", True, datetime(2026, 1, 2)
    page["A7"] = "seventh"
    made.create_sheet("Two")["A1"] = 2
    made.create_chartsheet("Chart").add_chart(BarChart())
    made.save(path)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book(tmp_path_factory.mktemp("grid") / "book.xlsx")


def refusal(path: Path, max_rows: int = 10) -> str:
    with pytest.raises(InputError) as caught:
        read_pages(path, ["One", "Chart"], max_rows)
    assert caught.value.source == str(path)
    (problem,) = caught.value.problems
    assert problem.field == ""
    return str(problem)


def test_cells_within_the_bounds(path: Path) -> None:
    """Column AN is the fortieth, the last that is read."""
    pages = read_pages(path, ["Two", "Three", "One"], max_rows=6)
    assert list(pages) == ["Two", "One"]
    assert pages["Two"] == {"A1": CellValue(2)}
    assert pages["One"] == {
        "A1": CellValue("text"),
        "B2": CellValue(1.5),
        "C1": CellValue("=1+1", is_formula=True),
        "D1": CellValue(True),
        "E1": CellValue("2026-01-02 00:00:00"),
        "AN3": CellValue(40),
    }
    assert "A7" in read_pages(path, ["One"], max_rows=7)["One"]


def test_a_page_of_charts_is_no_page_of_cells(path: Path) -> None:
    assert refusal(path) == "given a workbook whose parts are broken; allowed: a design sheet"


def test_what_a_cell_holds_in_words() -> None:
    assert shown_cell(None) == "an empty cell"
    assert shown_cell(0) == "0"
    assert shown_cell("a") == "'a'"
    assert grid.shown_no_number("5") == "the text '5'"
    assert grid.shown_no_number(5.5) == "5.5"
    assert grid.shown_no_number(None) == "an empty cell"


def test_a_file_of_the_largest_size_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = path.stat().st_size
    monkeypatch.setattr(grid, "MAX_FILE_BYTES", size)
    check_size(path)
    monkeypatch.setattr(grid, "MAX_FILE_BYTES", size - 1)
    assert refusal(path) == (f"given {size:,} bytes; allowed: a workbook of at most {size - 1:,}")


def test_the_parts_of_an_archive_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(path) as archive:
        sizes = [part.file_size for part in archive.infolist()]
    count, unpacked = len(sizes), sum(sizes)
    assert unpacked > 1000  # so that a comma shows
    monkeypatch.setattr(grid, "MAX_PARTS", count)
    monkeypatch.setattr(grid, "MAX_UNPACKED_BYTES", unpacked)
    check_size(path)
    given = f"given {count} parts that unpack to {unpacked:,} bytes; allowed: at most "
    monkeypatch.setattr(grid, "MAX_UNPACKED_BYTES", unpacked - 1)
    assert refusal(path) == f"{given}{count} parts and {unpacked - 1:,} bytes"
    monkeypatch.setattr(grid, "MAX_UNPACKED_BYTES", unpacked)
    monkeypatch.setattr(grid, "MAX_PARTS", count - 1)
    assert refusal(path) == f"{given}{count - 1} parts and {unpacked:,} bytes"


def test_more_than_a_thousand_parts_have_a_comma(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(1001):
            archive.writestr(str(i), "")
    assert refusal(path) == (
        "given 1,001 parts that unpack to 0 bytes; allowed: at most 500 parts and 67,108,864 bytes"
    )


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "given a file that is no workbook; allowed: an .xlsx file"),
        (b"PK\x03\x04", "given a file that is no workbook; allowed: an .xlsx file"),
        (COMPOUND[:7], "given a file that is no workbook; allowed: an .xlsx file"),
        (
            COMPOUND + b"more",
            "given a workbook with a password, or one of the old .xls kind; allowed: an .xlsx file "
            "without a password",
        ),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    assert refusal(path) == expected


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(path) == "given a workbook whose parts are broken; allowed: a design sheet"


def _flagged(path: Path, bit: int) -> Path:
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")  # the first entry of the directory, whose flags stand 8 later
    content[at + 8] |= bit
    path.write_bytes(content)
    return path


def test_an_encrypted_part_is_a_password(tmp_path: Path) -> None:
    path = _flagged(book(tmp_path / "book.xlsx"), 1)
    assert refusal(path) == "given a workbook with a password; allowed: one without"


def test_another_flag_of_a_part_is_no_password(tmp_path: Path) -> None:
    """Bit 1 tells how hard the packer tried."""
    check_size(_flagged(book(tmp_path / "book.xlsx"), 2))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_size(tmp_path / "missing.xlsx")
    assert str(caught.value) == (
        f"{tmp_path / 'missing.xlsx'}: "
        "given a path that fails: No such file or directory; allowed: a readable file"
    )
    assert refusal(tmp_path / "missing.xlsx").endswith("allowed: a file that can be read")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_size(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: given a path that fails: Is a directory; allowed: a readable file"
    )


def test_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(book(tmp_path / "good.xlsx")) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    bad = b'<!DOCTYPE a [<!ENTITY x "y">]><worksheet'
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"<worksheet", bad, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    assert refusal(path) == "given a workbook with XML entities; allowed: a design sheet"


def test_a_file_that_breaks_off_while_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("openpyxl.load_workbook", fail)
    assert refusal(path) == (
        "given a path that fails: Input/output error; allowed: a readable file"
    )
