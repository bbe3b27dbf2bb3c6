"""The sheet of a codec without a design: values, honest about what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.verdict import judge
from lrac_audit.report.workbook.sheet_of_values import pages_of_values
from lrac_audit.report.workbook.writer import workbook_bytes
from tests.lrac_audit.report.workbook.engines import by_each_engine

UNKNOWN = "encoder.blocks.0.residual.0.convs.0"
LOST_MFLOPS = 2 * 8 * 8 * 5 * 24_000 / 1e6
"""What that layer costs: 8 to 8 channels, 5 taps, at the sample rate."""


def measured() -> Audit:
    """The ledger of Track 1 as if somebody had measured it, with a layer that nobody knows."""
    found = audit("track1")
    rows = list(found.ledger.rows)
    (at,) = [i for i, row in enumerate(rows) if row.name == UNKNOWN]
    rows[at] = rows[at]._replace(work={"wavelet": 7}, name="=strange")
    ledger = replace(found.ledger, rows=tuple(rows), measured=True, live_values={})
    totals = Totals(ledger)
    verdict = judge(ledger, totals, found.verdict.limits, found.convention)
    return replace(found, ledger=ledger, totals=totals, verdict=verdict)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "measured.xlsx"
    path.write_bytes(workbook_bytes(pages_of_values(measured()), "measured"))
    return path


def lines_of(path: Path, page: str) -> dict[Any, Any]:
    rows = load_workbook(path, data_only=True)[page].iter_rows(values_only=True)
    return {row[0]: row[1:] for row in rows}


def test_values_are_those_of_the_ledger(sheet: Path) -> None:
    found, lines = measured(), lines_of(sheet, "Summary")
    assert lines["encoder"][0] == pytest.approx(377.472 - LOST_MFLOPS)
    assert lines["decoder"][0] == 296.832
    assert lines["total latency, samples"][0] == 720
    assert lines["Verdict"][3] == found.verdict.status == "incomplete"
    layers = lines_of(sheet, "Layers")
    assert layers["=strange"][12] == "uncounted"
    assert "wavelet" in layers["=strange"][13]
    assert {row.name for row in found.ledger.rows} <= set(layers)


def test_the_sum_of_what_is_not_known_is_not_known(tmp_path: Path) -> None:
    found = measured()
    rows = tuple(
        row._replace(state_values=None) if row.name == "decoder.blocks.1.up" else row
        for row in found.ledger.rows
    )
    pages = pages_of_values(replace(found, ledger=replace(found.ledger, rows=rows)))
    path = tmp_path / "measured.xlsx"
    path.write_bytes(workbook_bytes(pages, "measured"))
    layers = lines_of(path, "Layers")
    state = 11
    assert layers["decoder.blocks.1"][state] == "not known"
    inside = [row for row in rows if row.name.startswith("decoder.blocks.2.")]
    assert layers["decoder.blocks.2"][state] == sum(row.state_values or 0 for row in inside)


def test_the_sheet_says_what_it_is_and_is_no_design(sheet: Path, run: Callable[..., Any]) -> None:
    for page in ("Summary", "Layers"):
        assert "no closed form" in load_workbook(sheet)[page]["A2"].value
    done = run("audit", sheet)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("given") == 1
    assert "given a sheet of values, which is a report; allowed: one that calculates" in done.err


@by_each_engine
def test_sums_recalculate(sheet: Path, recalculated: Callable[[Path], dict[str, Any]]) -> None:
    before = lines_of(sheet, "Summary")
    found = recalculated(sheet)
    for part in ("encoder", "rvq_transmit", "rvq_receive", "decoder", "overall"):
        assert found[part][0] == pytest.approx(before[part][0], rel=1e-9)


TINY = "python:tests.lrac_audit.witness.targets.toys:tiny"


def test_a_codec_that_was_measured_by_its_arguments(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    path = tmp_path / "tiny.xlsx"
    done = run("sheet", TINY, "--arg", "look_ahead=2", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    lines = lines_of(path, "Summary")
    # 32 multiply-accumulates in each of 4000 frames a second; a hop of 4 samples
    assert lines["encoder"][0] == lines["decoder"][0] == 2 * 32 * 4000 / 1e6
    assert lines["total latency, samples"][0] == 4 + 2
    assert "no closed form" in load_workbook(path)["Summary"]["A2"].value


def test_what_a_factory_raises_is_one_message(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = tmp_path / "none.xlsx"
    source = TINY.replace("tiny", "raises")
    done = run("sheet", source, "-o", path)
    assert (done.code, done.out, path.exists()) == (2, "", False)
    assert "no weights" in done.err
    assert "Traceback" not in done.err
    assert "Traceback" in run("sheet", source, "--debug", "-o", path).err
