"""What an undamaged sheet says: every design, every text, limits of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from openpyxl import load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import design_tree, read_design
from lrac_audit.design.parts import Activation, CodecDesign, Quantizer
from lrac_audit.design.sheet import read_sheet
from lrac_audit.design.sheet.layers import expected_names
from lrac_audit.limits.limit_set import LimitSet, load_limits
from tests.lrac_audit.design.test_native import parsed
from tests.lrac_audit.report.workbook.engines import by_each_engine
from tests.lrac_audit.report.workbook.office import convert, needs_office
from tests.lrac_audit.report.workbook.sheets import summary, write, write_baseline
from tests.random_designs import designs
from tests.sweeps import random_cases, some_or_many, thinned

SMALL = read_design(parsed(), "small.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reading")


def read_back(path: Path, design: CodecDesign) -> CodecDesign:
    write(path, audit(design, limits="lrac-2025-track1"))
    return read_sheet(path, str(path)).design


@some_or_many(8, 20)
def test_every_design_comes_back(cases: int, folder: Path) -> None:
    @settings(max_examples=cases)
    @given(designs())
    def comes_back(design: CodecDesign) -> None:
        assert read_back(folder / "random.xlsx", design) == design

    comes_back()


@random_cases(designs(), 60, 200)
def test_rows_stand_in_the_order_of_the_ledger(design: CodecDesign) -> None:
    tree = design_tree(design)
    for side in ("encoder", "decoder"):
        names = [row.name for row in audit(design).ledger.rows if row.stage == side]
        coder: Any = {key: value for key, value in tree[side].items() if value is not None}
        assert [*expected_names(side, coder)] == names


@pytest.mark.parametrize(
    "design",
    [
        replace(SMALL, limits=None),
        replace(SMALL, limits="somebody's own set"),
        replace(
            SMALL, decoder=replace(SMALL.decoder, activation=Activation("elu", (("alpha", 0.5),)))
        ),
        replace(
            SMALL,
            decoder=replace(
                SMALL.decoder,
                final_activation=Activation("leaky_relu", (("negative_slope", 1e-07),)),
            ),
        ),
        replace(SMALL, quantizer=Quantizer(layers=64, codebook_size=3, modes=tuple(range(1, 65)))),
        replace(SMALL, quantizer=Quantizer(layers=1, codebook_size=1 << 20)),
    ],
    ids=["no limits", "unknown limits", "constant", "small constant", "64 modes", "one layer"],
)
def test_rare_features_come_back(design: CodecDesign, tmp_path: Path) -> None:
    assert read_back(tmp_path / "sheet.xlsx", design) == design


TEXTS = (
    '=HYPERLINK("https://example.org","click")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'quoted",
    "<b>&amp;",
    "声码器 một",
    "007",
    "TRUE",
)
PROGRAM_TEXTS = (TEXTS[0], TEXTS[2], TEXTS[4])


@pytest.mark.parametrize("name", thinned(TEXTS, 3))
def test_names_stay_text(name: str, tmp_path: Path) -> None:
    design = replace(SMALL, name=name)
    path = tmp_path / "sheet.xlsx"
    assert read_back(path, design) == design
    book = load_workbook(path)
    texts = [c for page in book for row in page.iter_rows() for c in row if c.value == name]
    assert len(texts) >= 1
    assert {cell.data_type for cell in texts} == {"s"}
    again = tmp_path / "again.xlsx"
    book.save(again)
    assert read_sheet(again, "again").design == design


@needs_office
@pytest.mark.sweep
def test_names_stay_text_in_a_spreadsheet_program(tmp_path: Path) -> None:
    paths = []
    for i, name in enumerate(PROGRAM_TEXTS):
        paths.append(tmp_path / f"{i}.xlsx")
        read_back(paths[-1], replace(SMALL, name=name))
    out = tmp_path / "out"
    out.mkdir()
    for path, name in zip(convert(paths, out), PROGRAM_TEXTS, strict=True):
        assert read_sheet(path, "saved").design.name == name
        assert load_workbook(path, data_only=True)["Summary"]["A1"].value == name


OWN = LimitSet(
    name="own",
    convention="macs",
    bitrates_kbps=(2.0, 6.0, 12.5),
    overall_mflops=340.5,
    total_latency_ms=31,
)


def test_limits_of_a_file_are_the_sheets_own(tmp_path: Path) -> None:
    path = write(tmp_path / "sheet.xlsx", audit("track1", limits=OWN))
    found = audit(path)
    limits = found.verdict.limits
    assert replace(limits, name="own", source="") == OWN
    assert found.verdict.checks == audit("track1", limits=OWN).verdict.checks
    assert audit(path, limits="lrac-2025-track1").verdict.limits == load_limits("lrac-2025-track1")
    lines = summary(path)
    assert lines["Overall"][3:5] == [340.5, pytest.approx(340.5 - 345.6768)]
    assert lines["Verdict"][6] == found.verdict.status == "fail"


@pytest.mark.sweep
@by_each_engine
def test_limits_typed_into_a_sheet_are_judged_by(
    tmp_path: Path, run: Callable[..., Any], recalculated: Callable[[Path], dict[str, Any]]
) -> None:
    path = write_baseline(tmp_path / "sheet.xlsx", "track1")
    book = load_workbook(path)
    page = book["Inputs"]
    rows = {cell.value: cell.row for cell in page["A"]}
    page.cell(rows["Overall, MFLOPS"], 2).value = 690
    page.cell(rows["Total latency, ms"], 2).value = "None"
    page.cell(rows["Bitrate 1, kbps"], 2).value = 0.5
    book.save(path)
    wrong = tmp_path / "wrong.xlsx"
    page.cell(rows["Receive side, MFLOPS"], 2).value = "300"  # a text, which is no limit
    book.save(wrong)
    assert recalculated(wrong)["Verdict"][6] == "refused"
    lines = recalculated(path)
    assert lines["Overall"][3:7:3] == [690, "fail"]
    assert lines["Total latency"][6] == "no limit"
    assert lines["Highest mode within bitrate 1"][6] == "fail"
    assert lines["Highest mode within bitrate 2"][6] == "no limit"
    statuses = {check.id: check.status for check in audit(path).verdict.checks}
    assert statuses == {
        "overall_mflops": "fail",
        "receive_mflops": "pass",
        "sample_rate_hz": "pass",
        "bitrates_kbps": "fail",
    }
    assert run("check", path).code == 1


def test_convert_takes_a_sheet(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = write_baseline(tmp_path / "my sheet.xlsx", "track2")
    assert run("convert", path, tmp_path / "out.yaml").code == 0
    assert load_design(tmp_path / "out.yaml").design == load_design("track2").design
