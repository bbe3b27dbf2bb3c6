"""A sheet that was damaged, or never was one, is refused with the cell and exit code 2."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from lrac_audit.auditing import audit
from lrac_audit.design.sheet import grid
from tests.lrac_audit.report.workbook.sheets import cell_of, write

CONV = "encoder.blocks.0.residual.0.convs.0"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("damage") / "track1.xlsx", audit("track1"))


def page_deleted(book: Any) -> None:
    del book["Decoder"]


def header_moved(book: Any) -> None:
    book["Encoder"]["E4"].value, book["Encoder"]["F4"].value = "Stride", "Kernel"


def text_for_a_number(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "kernel").value = "five"


def number_emptied(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "kernel").value = None


def fraction(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "dilation").value = 2.5


def zero(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "dilation").value = 0


def formula_for_an_input(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "kernel").value = "=2+3"


def word_for_a_flag(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "causal").value = "perhaps"


def rows_deleted(book: Any) -> None:
    book["Encoder"].delete_rows(8, 2)


def unit_deleted(book: Any) -> None:
    book["Encoder"].delete_rows(6, 5)


def row_inserted(book: Any) -> None:
    book["Decoder"].insert_rows(9)


def layer_renamed(book: Any) -> None:
    book["Encoder"]["A9"].value = "encoder.blocks.0.residual.7.convs.1"


def formula_overwritten(book: Any) -> None:
    book["Encoder"]["Q9"].value = 12.5


def stray_input(book: Any) -> None:
    book["Encoder"]["G6"].value = 3


def label_changed(book: Any) -> None:
    book["Inputs"]["A6"].value = "Rate"


def unknown_activation(book: Any) -> None:
    book["Inputs"]["B8"].value = "softsign"


def unknown_constant(book: Any) -> None:
    book["Inputs"]["B9"].value = "alpha=0.5, beta"


def modes_descend(book: Any) -> None:
    book["Inputs"]["B21"].value = 7


def negative_limit(book: Any) -> None:
    book["Inputs"]["B35"].value = -5


DAMAGES: dict[Callable[[Any], None], str] = {
    page_deleted: "Decoder: given no page",
    header_moved: "Encoder!E4: given 'Stride'; allowed: the header 'Kernel'",
    text_for_a_number: "Encoder!E7: given 'five'; allowed: a whole number",
    number_emptied: "Encoder!E7: given an empty cell; allowed: a whole number",
    fraction: "Encoder!G7: given 2.5; allowed: a whole number",
    zero: "Encoder!G7: given 0; allowed: a whole number from 1",
    formula_for_an_input: "Encoder!E7: given the formula '=2+3'",
    word_for_a_flag: "Encoder!I7: given 'perhaps'; allowed: yes or no",
    rows_deleted: "Encoder!A5:A71: given 67 rows; allowed: the 69 rows",
    unit_deleted: "Encoder!A5:A68: given 64 rows",
    row_inserted: "Decoder!A9: given an empty cell; allowed: the name of a layer of the decoder",
    layer_renamed: "Encoder!A8: given 'encoder.blocks.0.residual.0.acts.1'",
    formula_overwritten: "Encoder!Q9: given 12.5; allowed: its formula",
    stray_input: "Encoder!G6: given 3; allowed: nothing; this layer has no such input",
    label_changed: "Inputs!A6: given 'Rate'; allowed: the label 'Sample rate'",
    unknown_activation: "Inputs!B8: given 'softsign'; allowed: one of elu, relu",
    unknown_constant: "Inputs!B9: given 'alpha=0.5, beta'; allowed: nothing, or constants",
    modes_descend: "Inputs!B21: given 7; allowed: at most the 6 layers",
    negative_limit: "given -5; allowed: nothing, none, or a positive number",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_refused_with_the_cell(
    damage: Callable[[Any], None], source: Path, tmp_path: Path, run: Callable[..., Any]
) -> None:
    book = load_workbook(source)
    damage(book)
    path = tmp_path / "damaged sheet.xlsx"
    book.save(path)
    for command in ("audit", "check"):
        done = run(command, path)
        assert done.code == 2
        assert done.out == ""
        assert DAMAGES[damage] in done.err, done.err
        assert all(line.startswith("error: ") for line in done.err.splitlines())


def test_all_problems_come_at_once(source: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    book = load_workbook(source)
    for damage in (text_for_a_number, label_changed, fraction, formula_overwritten):
        damage(book)
    path = tmp_path / "damaged.xlsx"
    book.save(path)
    assert len(run("audit", path).err.splitlines()) == 4


def no_workbook(path: Path) -> None:
    path.write_text("lrac_audit_design: 1\n")


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


def cut_short(path: Path) -> None:
    write(path, audit("track1"))
    path.write_bytes(path.read_bytes()[:-2000])


def other_workbook(path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "budget"
    book.save(path)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (grid.MAX_UNPACKED_BYTES + 1))


def large_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(grid.MAX_FILE_BYTES + 1)


def entities(path: Path) -> None:
    bad = b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]>'
    _with_part(
        path,
        "xl/worksheets/sheet2.xml",
        lambda old: old.replace(b"<worksheet", bad + b"<worksheet", 1),
    )


def broken_xml(path: Path) -> None:
    _with_part(path, "xl/worksheets/sheet2.xml", lambda old: old[:3000])


def far_cell(path: Path) -> None:
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    _with_part(path, "xl/worksheets/sheet3.xml", lambda old: old.replace(b"</sheetData>", cell, 1))


def _with_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    write(path, audit("track1"))
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    assert change(parts[name]) != parts[name]
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (no_workbook, "a file that is no workbook"),
        (empty_file, "a file that is no workbook"),
        (other_archive, "parts are broken"),
        (cut_short, "a file that is no workbook"),
        (other_workbook, "Encoder: given no page of that name"),
        (bomb, "parts that unpack to"),
        (large_file, "a workbook of at most"),
        (entities, "XML entities"),
        (broken_xml, "parts are broken"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_hostile_and_foreign_files_are_refused(
    make: Callable[[Path], None], message: str, tmp_path: Path, run: Callable[..., Any]
) -> None:
    path = tmp_path / "file.xlsx"
    make(path)
    done = run("audit", path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) <= 3


def test_a_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    far_cell(path)
    assert audit(path).verdict.status == "pass"


def test_a_folder_or_nothing_is_refused(tmp_path: Path, run: Callable[..., Any]) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    assert "a folder" in run("audit", tmp_path / "folder.xlsx").err
    assert "no such file" in run("audit", tmp_path / "missing.xlsx").err
