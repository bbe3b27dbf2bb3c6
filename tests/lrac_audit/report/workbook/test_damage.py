"""A sheet that was damaged, or never was one, is refused with the cell and exit code 2."""

from __future__ import annotations

import gc
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.design.sheet import grid
from tests.lrac_audit.report.workbook.sheets import cell_of, write_baseline
from tests.sweeps import thinned

CONV = "encoder.blocks.0.residual.0.convs.0"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_baseline(tmp_path_factory.mktemp("damage") / "track1.xlsx", "track1")


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
    book["Encoder"].delete_rows(9, 2)


def unit_deleted(book: Any) -> None:
    book["Encoder"].delete_rows(7, 5)


def row_inserted(book: Any) -> None:
    book["Decoder"].insert_rows(9)


def layer_renamed(book: Any) -> None:
    book["Encoder"]["A10"].value = "encoder.blocks.0.residual.7.convs.1"


def formula_overwritten(book: Any) -> None:
    book["Encoder"]["Q10"].value = 12.5


def sum_typed_over(book: Any) -> None:
    assert book["Encoder"]["B6"].value == "block"
    book["Encoder"]["N6"].value = 337_920


def stray_input(book: Any) -> None:
    book["Encoder"]["G7"].value = 3


def label_changed(book: Any) -> None:
    book["Inputs"]["A6"].value = "Rate"


def unknown_activation(book: Any) -> None:
    book["Inputs"]["B8"].value = "softsign"


def unknown_constant(book: Any) -> None:
    book["Inputs"]["B9"].value = "alpha=0.5, beta"


def modes_descend(book: Any) -> None:
    book["Inputs"]["B21"].value = 7


def number_typed_as_text(book: Any) -> None:
    cell_of(book["Encoder"], CONV, "kernel").value = "5"


def decimal_comma(book: Any) -> None:
    book["Inputs"]["B6"].value = "24,000"


def note_below_the_layers(book: Any) -> None:
    book["Encoder"]["E80"].value = 5


def layers_emptied(book: Any) -> None:
    book["Encoder"].delete_rows(5, 69 + 4)
    book["Inputs"]["B42"].value = 0


def hop_typed_over(book: Any) -> None:
    book["Inputs"]["B44"].value = 240


def price_typed_over(book: Any) -> None:
    assert book["Inputs"]["A61"].value == "conv"
    book["Inputs"]["B61"].value = 1


def bitrate_typed_over(book: Any) -> None:
    book["Inputs"]["D21"].value = 0.5


def limit_as_text(book: Any) -> None:
    book["Inputs"]["B35"].value = "700"


def formula_for_a_limit(book: Any) -> None:
    book["Inputs"]["B35"].value = "=690+5"


def unknown_convention_of_limits(book: Any) -> None:
    book["Inputs"]["B33"].value = "flops"


def unknown_limit_set(book: Any) -> None:
    book["Inputs"]["B32"].value = "lrac-2025-track9"


def activation_emptied(book: Any) -> None:
    book["Inputs"]["B8"].value = None


def modes_descend_after_a_gap(book: Any) -> None:
    book["Inputs"]["B21"].value = None
    book["Inputs"]["B23"].value = 3


def merged_cells(book: Any) -> None:
    book["Encoder"].merge_cells("E8:E10")


def negative_limit(book: Any) -> None:
    book["Inputs"]["B35"].value = -5


DAMAGES: dict[Callable[[Any], None], str] = {
    page_deleted: "Decoder: given no page",
    header_moved: "Encoder!E4: given 'Stride'; allowed: the header 'Kernel'",
    text_for_a_number: "Encoder!E8: given the text 'five'; allowed: a whole number",
    number_emptied: "Encoder!E8: given an empty cell; allowed: a whole number",
    fraction: "Encoder!G8: given 2.5; allowed: a whole number",
    zero: "Encoder!G8: given 0; allowed: a whole number from 1",
    formula_for_an_input: "Encoder!E8: given the formula '=2+3'",
    word_for_a_flag: "Encoder!I8: given 'perhaps'; allowed: yes or no",
    rows_deleted: "Encoder!A5:A75: given 67 rows; allowed: the 69 rows",
    unit_deleted: "Encoder!A5:A72: given 64 rows",
    row_inserted: "Decoder!A9: given an empty cell; allowed: the name of a layer of the decoder",
    layer_renamed: "Encoder!A9: given 'encoder.blocks.0.residual.0.acts.1'",
    formula_overwritten: "Encoder!Q10: given 12.5; allowed: its formula",
    sum_typed_over: "Encoder!N6: given 337920; allowed: its formula",
    stray_input: "Encoder!G7: given 3; allowed: nothing; this layer has no such input",
    label_changed: "Inputs!A6: given 'Rate'; allowed: the label 'Sample rate'",
    unknown_activation: "Inputs!B8: given 'softsign'; allowed: one of elu, relu",
    unknown_constant: "Inputs!B9: given 'alpha=0.5, beta'; allowed: nothing, or constants",
    modes_descend: "Inputs!B21: given 7; allowed: at most the 6 layers",
    negative_limit: "given -5; allowed: nothing, none, or a positive number",
    number_typed_as_text: "Encoder!E8: given the text '5'; allowed: a whole number",
    decimal_comma: "Inputs!B6: given the text '24,000'; allowed: a whole number",
    note_below_the_layers: "Encoder!E80: given 5; allowed: nothing below the layers",
    layers_emptied: "Encoder!A5: given an empty cell; allowed: the name of a layer of the encoder",
    hop_typed_over: "Inputs!B44: given 240; allowed: its formula",
    price_typed_over: "Inputs!B61: given 1; allowed: its formula",
    bitrate_typed_over: "Inputs!D21: given 0.5; allowed: its formula",
    limit_as_text: "Inputs!B35: given the text '700'; allowed: nothing, none, or a positive",
    formula_for_a_limit: "Inputs!B35: given the formula '=690+5'; allowed: a value",
    unknown_convention_of_limits: "Inputs!B33: given 'flops'; allowed: one of lrac-2025, macs",
    unknown_limit_set: "Inputs!B32: given 'lrac-2025-track9'; allowed: one of lrac-2025-track1",
    activation_emptied: "Inputs!B8: given an empty cell; allowed: a text",
    modes_descend_after_a_gap: "Inputs!B23: given 3; allowed: ",
    merged_cells: "Encoder!E10: given an empty cell; allowed: a whole number",
}


@pytest.mark.parametrize("damage", thinned(DAMAGES, 3), ids=lambda damage: damage.__name__)
def test_damage_is_refused_with_the_cell(
    damage: Callable[[Any], None], source: Path, tmp_path: Path, run: Callable[..., Any]
) -> None:
    done = run("audit", damaged(source, tmp_path / "damaged sheet.xlsx", damage))
    assert (done.code, done.out) == (2, "")
    assert DAMAGES[damage] in done.err, done.err
    lines = done.err.splitlines()
    assert all(line.startswith("error: ") for line in lines)
    cells = [line.partition(": given ")[0] for line in lines]
    assert len({*cells}) == len(cells)  # of every cell once


def damaged(source: Path, path: Path, *damages: Callable[[Any], None]) -> Path:
    """A copy of a sheet with some damages, at ``path``."""
    book = load_workbook(source)
    for damage in damages:
        damage(book)
    book.save(path)
    return path


def test_all_problems_come_at_once(source: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    several = (text_for_a_number, label_changed, fraction, formula_overwritten)
    path = damaged(source, tmp_path / "damaged.xlsx", *several)
    for command in ("audit", "check"):
        done = run(command, path)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 4)


def no_workbook(path: Path) -> None:
    path.write_text("lrac_audit_design: 1\n")


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


def cut_short(path: Path) -> None:
    write_baseline(path, "track1")
    path.write_bytes(path.read_bytes()[:-2000])


def other_workbook(path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "budget"
    book.save(path)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (grid.MAX_UNPACKED_BYTES + 1))


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(grid.MAX_PARTS + 1):
            archive.writestr(f"xl/{i}.xml", "")


def corrupted(path: Path) -> None:
    """As after a bad download: the archive lists its parts, and one cannot be unpacked."""
    write_baseline(path, "track1")
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet2.xml").header_offset + 100
    content = bytearray(path.read_bytes())
    content[start : start + 50] = bytes(range(50))
    path.write_bytes(content)


def encrypted_parts(path: Path) -> None:
    write_baseline(path, "track1")
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(signature, at + 4)
    path.write_bytes(content)


def compound_file(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000))


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
    far = b'<row r="80"><c r="XFD80"><v>1</v></c></row>'
    far += b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'

    def change(old: bytes) -> bytes:
        without = re.sub(rb"<dimension [^>]*>", b"", old)  # which would tell where to stop
        return without.replace(b"</sheetData>", far, 1)

    _with_part(path, "xl/worksheets/sheet3.xml", change)


def _with_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    write_baseline(path, "track1")
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
        (many_parts, "501 parts that unpack to 0 bytes"),
        (corrupted, "parts are broken"),
        (encrypted_parts, "a workbook with a password; allowed: one without"),
        (compound_file, "a workbook with a password, or one of the old .xls kind"),
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
    gc.collect()  # a file that was left open would warn here, which fails the test
    (tmp_path / "track1.xlsx").write_bytes(path.read_bytes())
    if make not in (other_workbook,):  # which is whole, and stale
        assert run("sheet", "--check", tmp_path / "track1.xlsx").code == 2


def test_a_spreadsheet_of_another_kind_is_named(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = tmp_path / "design.ods"
    path.write_bytes(b"PK")
    done = run("audit", path)
    assert (done.code, done.out) == (2, "")
    assert "given a spreadsheet of the kind .ods; allowed: one saved as .xlsx" in done.err


def test_a_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    far_cell(path)
    assert audit(path).verdict.status == "pass"


def test_a_folder_or_nothing_is_refused(tmp_path: Path, run: Callable[..., Any]) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    assert "a folder" in run("audit", tmp_path / "folder.xlsx").err
    assert "no such file" in run("audit", tmp_path / "missing.xlsx").err
