"""Committed sheets are fresh; a stale one is found out, and what is stale is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.report.workbook.freshness import compare
from tests.conftest import ROOT
from tests.lrac_audit.report.workbook.sheets import write, write_baseline

SHEETS = ROOT / "sheets"


def test_committed_sheets_are_fresh(run: Callable[..., Any]) -> None:
    done = run("sheet", "--check", SHEETS)
    assert done.code == 0, done.out
    assert done.out.splitlines() == [
        f"{SHEETS}/{track}.xlsx: fresh" for track in ("track1", "track2")
    ]


def test_the_same_design_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write(tmp_path / "first.xlsx", audit("track1")).read_bytes()
    assert write(tmp_path / "second.xlsx", audit("track1")).read_bytes() == first


def test_a_changed_cell_is_stale(tmp_path: Path, run: Callable[..., Any]) -> None:
    yaml = tmp_path / "mine.yaml"
    assert run("convert", "track1", yaml).code == 0
    assert run("sheet", yaml, "-o", tmp_path / "mine.xlsx").code == 0
    assert run("sheet", "--check", tmp_path).code == 0
    yaml.write_text(yaml.read_text().replace("{kernel: 21}", "{kernel: 23}"))
    done = run("sheet", "--check", tmp_path)
    assert done.code == 1
    assert "stale" in done.out
    assert done.out.splitlines()[1].endswith(": is 21, would be 23")  # the cause goes first
    assert "more" in done.out.splitlines()[-1]
    assert "to mend" in done.err


def test_a_sheet_saved_by_another_program_is_stale(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = tmp_path / "track1.xlsx"
    book = load_workbook(write_baseline(path, "track1"))
    book.save(path)
    done = run("sheet", "--check", path)
    assert done.code == 1
    assert "docProps/" in done.out or "Summary!" in done.out


def test_unknown_sources_and_files_are_bad_input(tmp_path: Path, run: Callable[..., Any]) -> None:
    assert run("sheet", "--check", tmp_path).code == 2
    shutil.copy(SHEETS / "track1.xlsx", tmp_path / "track9.xlsx")
    done = run("sheet", "--check", tmp_path)
    assert (done.code, "track9.yaml beside it" in done.err) == (2, True)
    (tmp_path / "track9.xlsx").rename(tmp_path / "track1.xlsx")
    (tmp_path / "track1.xlsx").write_bytes(b"PK")
    assert run("sheet", "--check", tmp_path).code == 2
    assert run("sheet", "--check", tmp_path / "missing" / "track1.xlsx").code == 2


def test_nothing_else_is_asked_for_beside_check(tmp_path: Path, run: Callable[..., Any]) -> None:
    for arguments, name in (
        (("track1",), "TARGET"),
        (("--rvq", "absorbed"), "--rvq"),
        (("-o", tmp_path / "sheet.xlsx", "--format", "csv"), "--format, --output"),
    ):
        done = run("sheet", *arguments, "--check", SHEETS)
        assert (done.code, done.out) == (2, "")
        assert f"options: {name}: given beside --check; allowed: --check alone" in done.err


def test_a_sheet_that_is_not_there_is_said_to_be_missing(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    done = run("sheet", "--check", tmp_path / "mine.xlsx")
    assert (done.code, done.out) == (2, "")
    assert "mine.xlsx: given no such file" in done.err


def test_differences_name_cell_and_part() -> None:
    old, new = (SHEETS / f"{track}.xlsx" for track in ("track1", "track2"))
    found = {
        difference.where: difference for difference in compare(old.read_bytes(), new.read_bytes())
    }
    assert str(found["Inputs!B5"]) == (
        "Inputs!B5: is 'LRAC 2025 Track 1 baseline', would be 'LRAC 2025 Track 2 baseline'"
    )
    assert any(where.startswith("xl/charts/chart1.xml") for where in found)
    assert compare(old.read_bytes(), old.read_bytes()) == []


@pytest.mark.parametrize("track", ["track1", "track2"])
def test_committed_sheets_audit_like_their_designs(track: str) -> None:
    assert audit(SHEETS / f"{track}.xlsx").design == audit(track).design
