"""The sheet of a design of lists of layers: values from its closed form, and no design."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.design.sheet import layout
from lrac_audit.presets import preset_path
from tests.lrac_audit.list_design import write_lists
from tests.lrac_audit.report.workbook.engines import by_each_engine


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    return write_lists(tmp_path)


@pytest.fixture
def sheet(lists: Path, run: Callable[..., Any]) -> Path:
    path = lists.with_suffix(".xlsx")
    done = run("sheet", lists, "-o", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    return path


def lines_of(path: Path, page: str) -> dict[Any, Any]:
    rows = load_workbook(path, data_only=True)[page].iter_rows(values_only=True)
    return {row[0]: row[1:] for row in rows}


def test_it_says_that_it_is_derived_and_a_report(sheet: Path) -> None:
    for page in ("Summary", "Layers"):
        note = load_workbook(sheet)[page]["A2"].value
        assert "closed form" in note and "cannot be read back" in note
        assert "easured" not in note
    assert load_workbook(sheet)["Layers"]["A1"].value == "Layers, as derived"


def test_every_row_is_there_with_its_figures(sheet: Path, lists: Path) -> None:
    page = load_workbook(sheet)["Layers"]
    rows = list(page.iter_rows(min_row=layout.FIRST_ROW, values_only=True))
    names = [row[0] for row in rows if row[3] != "block"]
    assert names == [row.name for row in audit(lists).ledger.rows]
    layers = lines_of(sheet, "Layers")
    # 6 channels of 5 taps at the sample rate, 240 runs a frame: two steps of look-ahead
    depthwise = layers["encoder.layers.1.residual.layers.1.depthwise_conv"]
    assert depthwise[4:12] == (24_000, 240 * 30, 240 * 60, 24_000 * 60 / 1e6, 36, 2, 2, 24)
    assert layers["encoder.layers.4.gru"][9:12] == ("unbounded", 0, 10)


def test_a_block_is_summed_up_above_its_layers(sheet: Path) -> None:
    found = load_workbook(sheet, data_only=True)["Layers"]
    rows = {row[0].value: row for row in found.iter_rows(min_row=layout.FIRST_ROW)}
    block = rows["encoder.layers.1"]
    # At 24 kHz, 240 runs a frame: 6 channels of 5 taps, then 6 x 8 and 8 x 6. Values stored: with
    # biases 36, 6 x 8 + 8 and 8 x 6 + 6, and 12 of the norm.
    assert [cell.value for cell in block[:5]] == [
        "encoder.layers.1",
        "transmit",
        None,
        "block",
        None,
    ]
    assert block[6].value == 240 * (30 + 48 + 48)
    assert block[9].value == 36 + 56 + 54 + 12
    inside = [row[0] for name, row in rows.items() if name.startswith("encoder.layers.1.")]
    assert [cell.row for cell in inside] == list(range(block[0].row + 1, inside[-1].row + 1))
    assert {found.row_dimensions[cell.row].outlineLevel for cell in inside} == {1}
    assert found.row_dimensions[block[0].row].outlineLevel == 0
    # One operation alone is no block: it would be its own sum.
    assert "encoder.layers.0" not in rows


def test_layers_without_work_are_shown_with_the_reason(sheet: Path) -> None:
    layers = lines_of(sheet, "Layers")
    for name in ("decoder.layers.2.repeat", "decoder.layers.5.pixel_shuffle"):
        assert layers[name][-2:] == ("ignored", "values are only laid out anew")


def test_the_summary_holds_mode_latency_and_verdict(sheet: Path, lists: Path) -> None:
    found, lines = audit(lists), lines_of(sheet, "Summary")
    assert lines["Quantizer"][0] == "RVQ absorbed"
    assert (lines["Quantizer layers on"][0], lines["Bitrate, kbps"][0]) == (6, 6)
    # a hop of 240; 2 samples in the encoder, and 10 steps of 12 samples trimmed in the decoder
    assert lines["total latency, samples"][0] == 240 + 2 + 10 * 12
    assert lines["Verdict"][3] == found.verdict.status == "pass"


@by_each_engine
def test_sums_recalculate(sheet: Path, recalculated: Callable[[Path], dict[str, Any]]) -> None:
    before, found = lines_of(sheet, "Summary"), recalculated(sheet)
    for part in ("encoder", "rvq_transmit", "rvq_receive", "decoder", "overall"):
        assert found[part][0] == pytest.approx(before[part][0], rel=1e-9)


def test_it_is_no_design(sheet: Path, run: Callable[..., Any]) -> None:
    for command in (("audit", sheet), ("convert", sheet, sheet.with_name("back.yaml"))):
        done = run(*command)
        assert (done.code, done.out) == (2, "")
        given = "given a sheet of values, which is a report"
        allowed = "allowed: one that calculates, or the YAML file of its design"
        assert done.err == f"error: {sheet}: {given}; {allowed}\n"


def test_it_is_fresh_beside_its_source(sheet: Path, lists: Path, run: Callable[..., Any]) -> None:
    assert run("sheet", "--check", sheet).code == 0
    lists.write_text(lists.read_text().replace("kernel: 5, channels: 9", "kernel: 7, channels: 9"))
    assert run("sheet", "--check", sheet).code == 1


def test_it_is_compared_with_a_design_of_blocks_before_it(
    lists: Path, run: Callable[..., Any]
) -> None:
    path = lists.with_name("compared.xlsx")
    assert run("sheet", "track1", lists, "-o", path).code == 0
    assert "decoder.layers.2.repeat" in lines_of(path, "Comparison")
    path.unlink()
    done = run("sheet", lists, "track1", "-o", path)
    assert (done.code, done.err.count("given"), path.exists()) == (2, 1, False)
    assert "first a design of the recipe's blocks" in done.err


@pytest.mark.parametrize("shape", ["csv", "markdown"])
def test_it_is_written_in_other_formats(lists: Path, shape: str, run: Callable[..., Any]) -> None:
    done = run("sheet", lists, "--format", shape)
    assert (done.code, done.err) == (0, "")
    assert "decoder.layers.5.pixel_shuffle" in done.out.replace("\\", "")
    assert "values are only laid out anew" in done.out


@pytest.mark.parametrize(
    ("quantizer", "shown", "kbps"),
    [
        # bits of a frame by hand, at 100 frames a second: 10; 3 * 10; 2 * 2 * 8; 3 * 8; 10 + 8; and
        # (1 + 2) * 8 at 50 frames a second, of two latent steps each
        ({"fsq": {"levels": [8, 5, 5, 5]}}, "FSQ", 1.0),
        ({"lookup_free": {"bits": 10, "layers": 3}}, "lookup-free quantizer", 3.0),
        (
            {"grouped_rvq": {"groups": 2, "layers": 2, "codebook_size": 256}},
            "grouped RVQ absorbed",
            3.2,
        ),
        ({"split_rvq": {"layers": 3, "codebook_size": 256}}, "split RVQ absorbed", 2.4),
        ({"layers": 2, "codebook_size": [1024, 256]}, "RVQ absorbed", 1.8),
        (
            {"multi_scale": {"strides": [2, 1], "codebook_size": 256}},
            "multi-scale RVQ absorbed",
            1.2,
        ),
        ("none", "no quantizer", None),
    ],
    ids=str,
)
def test_blocks_with_another_quantizer_have_a_sheet_of_values(
    quantizer: Any, shown: str, kbps: float | None, tmp_path: Path, run: Callable[..., Any]
) -> None:
    design, path = tmp_path / "design.yaml", tmp_path / "sheet.xlsx"
    tree = yaml.safe_load(preset_path("track1").read_text(encoding="utf-8"))
    design.write_text(yaml.safe_dump({**tree, "quantizer": quantizer}), encoding="utf-8")
    done = run("sheet", design, "-o", path)
    assert (done.code, done.err) == (0, "")
    lines = lines_of(path, "Summary")
    assert lines["Quantizer"][0] == shown
    assert lines.get("Bitrate, kbps", (None,))[0] == kbps
    assert "closed form" in load_workbook(path)["Summary"]["A2"].value
