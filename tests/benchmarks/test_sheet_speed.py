"""How fast a sheet is written and read. Targets, cold, each in a fresh process: 1.5 s and 1 s.

    pytest tests/benchmarks/test_sheet_speed.py

pytest-benchmark prints medians and spreads.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lrac_audit import audit
from lrac_audit.design.sheet import read_sheet
from lrac_audit.report.workbook.build import sheet_pages
from lrac_audit.report.workbook.writer import workbook_bytes

Benchmark = Callable[..., object]


def cold(*arguments: object) -> bytes:
    command = [sys.executable, "-m", "lrac_audit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_cold_write(benchmark: Benchmark, target: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    benchmark.pedantic(cold, args=("sheet", target, "-o", path), rounds=10, warmup_rounds=1)  # type: ignore[attr-defined]
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_cold_read(benchmark: Benchmark, target: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    cold("sheet", target, "-o", path)
    out = benchmark.pedantic(cold, args=("audit", path), rounds=10, warmup_rounds=1)  # type: ignore[attr-defined]
    assert b"verdict: pass" in out


def test_write_in_a_running_process(benchmark: Benchmark) -> None:
    found = audit("track2")
    content = benchmark(lambda: workbook_bytes(sheet_pages(found), "track2"))
    assert len(content) > 10_000  # type: ignore[arg-type]


def test_read_in_a_running_process(benchmark: Benchmark, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    found = audit("track2")
    path.write_bytes(workbook_bytes(sheet_pages(found), "track2"))
    assert benchmark(read_sheet, path, "sheet").design == found.design  # type: ignore[attr-defined]
