"""How long a sheet takes to write and to read, beside audits.

pytest tests/benchmarks/test_sheet_speed.py -s
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from lrac_audit import audit
from lrac_audit.design.sheet import read_sheet
from lrac_audit.report.workbook.build import sheet_pages
from lrac_audit.report.workbook.writer import workbook_bytes
from tests.benchmarks.timing import Timer, program, ratio_of, work

MOST_COLD_AUDITS_OF_A_WRITE = 3
MOST_COLD_AUDITS_OF_A_READ = 3.4
MOST_OPENINGS_OF_A_WRITE = 3.5
MOST_OPENINGS_OF_A_READ = 1.5


def auditor(*arguments: object) -> Timer:
    """Return the timer of the program in a process of its own."""
    return program(sys.executable, "-m", "lrac_audit", *arguments)


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_a_cold_write_beside_a_cold_audit(target: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    writing, auditing = auditor("sheet", target, "-o", path), auditor("audit", target)
    assert ratio_of(writing, auditing) < MOST_COLD_AUDITS_OF_A_WRITE
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_a_cold_read_beside_a_cold_audit(target: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    auditor("sheet", target, "-o", path)()
    reading, auditing = auditor("audit", path), auditor("audit", target)
    assert ratio_of(reading, auditing) < MOST_COLD_AUDITS_OF_A_READ


def test_a_write_and_a_read_in_a_running_process(tmp_path: Path) -> None:
    """Each beside openpyxl's reading of the same workbook."""
    path = tmp_path / "sheet.xlsx"
    found = audit("track2")

    def write() -> None:
        path.write_bytes(workbook_bytes(sheet_pages(found), "track2"))

    write()
    assert read_sheet(path, "sheet").design == found.design
    opening = work(load_workbook, path)
    assert ratio_of(work(write), opening) < MOST_OPENINGS_OF_A_WRITE
    assert ratio_of(work(read_sheet, path, "sheet"), opening) < MOST_OPENINGS_OF_A_READ
