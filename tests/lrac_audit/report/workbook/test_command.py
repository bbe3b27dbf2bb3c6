"""``lrac-audit sheet``: files, formats, comparison."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import write_design
from tests.lrac_audit.report.workbook.sheets import Edit, edit_yaml

PAGES = ["Summary", "Inputs", "Encoder", "RVQ", "Decoder", "Memory", "Charts", "Notes"]


def test_a_sheet_has_its_pages(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = tmp_path / "my sheet.xlsx"
    done = run("sheet", "track1", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert load_workbook(path).sheetnames == PAGES


def test_options_choose_what_is_shown(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = tmp_path / "sheet.xlsx"
    options = ("--rvq", "projected", "--bitrate", "1", "--convention", "macs")
    assert run("sheet", "track2", *options, "-o", path).code == 0
    page = load_workbook(path, data_only=True)["Summary"]
    lines = {row[0]: row[1:] for row in page.iter_rows(values_only=True)}
    assert [lines[x][0] for x in ("Bitrate shown", "RVQ form shown", "Counting convention")] == [
        1,
        "projected",
        "macs",
    ]
    wanted = audit("track2", rvq="projected", bitrate_kbps=1, convention="macs")
    overall = wanted.document()["complexity"]["overall"]["mflops"]
    assert lines["Overall"][2] == pytest.approx(overall, rel=1e-12)
    assert lines["Overall"][0] == "MMAC/s"
    assert lines["Overall"][3] == 1300


def test_several_designs_are_compared(tmp_path: Path, run: Callable[..., Any]) -> None:
    yaml = edit_yaml(
        load_design("track1").design,
        tmp_path / "mine.yaml",
        [Edit("decoder.blocks.0.residual.0.convs.0", "kernel", 5), Edit("", "name", "mine")],
    )
    path = tmp_path / "compare.xlsx"
    assert run("sheet", "track1", yaml, "-o", path).code == 0
    book = load_workbook(path, data_only=True)
    assert book.sheetnames == [PAGES[0], "Comparison", *PAGES[1:]]
    rows = list(book["Comparison"].iter_rows(values_only=True))
    lines = {row[0]: row for row in rows}
    assert lines["Quantity"][2:5] == ("track1", "mine.yaml", "mine.yaml, difference")
    assert lines["Design"][2:4] == ("LRAC 2025 Track 1 baseline", "mine")
    assert lines["Layer"][2:4] == ("track1: shape", "track1: MFLOPS")
    # two more taps of 64 x 64 channels at 500 Hz; their look-ahead grows from 5 to 10 steps of 48
    assert lines["Overall"][2:5] == (691.3536, 699.5456, pytest.approx(8.192))
    assert lines["Total latency"][2:5] == (30, 40, 10)
    assert lines["Verdict"][2:4] == ("pass", "fail")
    differing = [row for row in rows if row[1] in ("transmit", "receive")]
    assert [row[0] for row in differing] == [
        "decoder.blocks.0.residual.0.convs.0",
        "decoder.blocks.0.residual.0.add",
    ]
    assert differing[0][2:8] == ("conv 64>64 k3 d5", 12.288, 240, "conv 64>64 k5 d5", 20.48, 480)
    assert audit(path).design == load_design("track1").design


def test_files_of_one_name_are_compared_by_their_paths(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        run("convert", "track1", tmp_path / folder / "codec.yaml")
    paths = [tmp_path / folder / "codec.yaml" for folder in ("a", "b")]
    run("sheet", "track2", *paths, "-o", tmp_path / "compare.xlsx")
    page = load_workbook(tmp_path / "compare.xlsx")["Comparison"]
    assert [cell.value for cell in page[4]][2:5] == ["track2", *map(str, paths)]


def test_layers_that_one_design_lacks(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = tmp_path / "compare.xlsx"
    assert run("sheet", "track1", "track2", "-o", path).code == 0
    page = load_workbook(path, data_only=True)["Comparison"]
    rows = list(page.iter_rows(values_only=True))
    lines = {row[0]: row for row in rows}
    assert lines["encoder.blocks.4.down"][2] == "not there"
    # and every other that is not the same in both, in the order of the ledgers
    ledgers = [audit(track).ledger.rows for track in ("track1", "track2")]
    found = [{(row.side, row.name): row for row in ledger} for ledger in ledgers]
    differing = [
        (name, side)
        for side, name in dict.fromkeys([*found[0], *found[1]])
        if str(found[0].get((side, name))) != str(found[1].get((side, name)))
    ]
    assert [row[:2] for row in rows if row[1] in ("transmit", "receive")] == differing
    # the table that runs over several pages repeats its own header, and no other is kept in view
    header = [row[0] for row in rows].index("Layer") + 1
    assert (page.print_title_rows, page.freeze_panes) == (f"${header}:${header}", "B1")
    assert lines["encoder.blocks.4.down"][5] == "conv 128>320 k10 s5"


def test_csv_holds_the_pages(run: Callable[..., Any]) -> None:
    rows = list(csv.reader(io.StringIO(run("sheet", "track1", "--format", "csv").out)))
    assert {row[0] for row in rows} == {*PAGES} - {"Charts"}
    (overall,) = [row for row in rows if row[:2] == ["Summary", "Overall"]]
    assert [float(cell) for cell in overall[3:6]] == [691.3536, 695.9616, 700]
    layers = [row for row in rows if row[0] == "Encoder" and row[1].startswith("encoder.")]
    assert len([row for row in layers if row[2] == "block"]) == 4
    assert len(layers) == 69 + 4


def test_csv_text_is_no_formula_either(tmp_path: Path, run: Callable[..., Any]) -> None:
    design = load_design("track1").design
    text = write_design(design).replace("name: LRAC 2025 Track 1 baseline", "name: '=1+1'")
    (tmp_path / "design.yaml").write_text(text)
    rows = list(csv.reader(io.StringIO(run("sheet", tmp_path / "design.yaml", "-f", "csv").out)))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_markdown_has_a_table_for_each_page(run: Callable[..., Any]) -> None:
    out = run("sheet", "track1", "--format", "markdown").out
    assert [line[3:] for line in out.splitlines() if line.startswith("## ")] == [
        page for page in PAGES if page != "Charts"
    ]
    assert "| Overall | MFLOPS | 691.3536 | 695.9616 | 700 | 8.6464 | 4.0384 | pass | pass |" in out


def test_several_formats_in_one_run(tmp_path: Path, run: Callable[..., Any]) -> None:
    files = [tmp_path / f"out.{suffix}" for suffix in ("xlsx", "csv", "md")]
    formats = zip(("xlsx", "csv", "markdown"), files, strict=True)
    options = [f"--format={name}={file}" for name, file in formats]
    assert run("sheet", "track1", *options).code == 0
    assert all(file.stat().st_size > 1000 for file in files)


def test_bad_usage_is_one_message(tmp_path: Path, run: Callable[..., Any]) -> None:
    for arguments, message in (
        (("sheet", "track1"), "--output: given none for xlsx"),
        (("sheet",), "TARGET: given none"),
        (("sheet", "track1", "--format", "ods"), "one of xlsx, csv, markdown, html"),
        (("sheet", "track1", "-o", tmp_path / "no" / "file.xlsx"), "a path that fails"),
        (("sheet", "nothing.yaml", "-o", tmp_path / "file.xlsx"), "no such file"),
    ):
        done = run(*arguments)
        assert (done.code, done.out) == (2, "")
        assert message in done.err
        assert len(done.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_sheet_is_not_written_under_another_name(tmp_path: Path, run: Callable[..., Any]) -> None:
    for path in (tmp_path / "tables.csv", tmp_path / "design"):
        done = run("sheet", "track1", "-o", path)
        assert (done.code, done.out) == (2, "")
        assert "for xlsx; allowed: a name that ends in .xlsx, or another --format" in done.err
    assert not list(tmp_path.iterdir())
    assert run("sheet", "track1", "-o", tmp_path / "DESIGN.XLSX").code == 0
    assert run("sheet", "track1", "-o", "/dev/null").code == 0  # a device has any name
    done = run("sheet", "track1", "-o", tmp_path / f"{'x' * 300}.xlsx")
    assert (done.code, "File name too long" in done.err) == (2, True)


def test_a_target_is_not_written_over(tmp_path: Path, run: Callable[..., Any]) -> None:
    yaml, sheet = tmp_path / "mine.yaml", tmp_path / "mine.xlsx"
    assert run("convert", "track1", yaml).code == 0
    assert run("sheet", yaml, "-o", sheet).code == 0
    before = yaml.read_bytes(), sheet.read_bytes()
    for arguments in (
        (yaml, "--format", "markdown", "-o", yaml),
        ("track2", yaml, "--format", "csv", "-o", yaml),
        (sheet, "-o", sheet),
    ):
        done = run("sheet", *arguments)
        assert (done.code, done.out) == (2, "")
        assert "another file than the input" in done.err
    assert (yaml.read_bytes(), sheet.read_bytes()) == before


def test_an_old_sheet_stays_when_writing_fails(
    tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sheet.xlsx"
    assert run("sheet", "track1", "-o", path).code == 0
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:1000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    done = run("sheet", "track2", "-o", path)
    assert (done.code, "No space left" in done.err) == (2, True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
