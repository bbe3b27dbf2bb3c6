"""The command ``compare``, on every kind of target and in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Result

Run = Callable[..., Result]
RECIPE = ROOT / "tests" / "data" / "espnet_sample.yaml"


def test_totals_and_layers_on_a_screen(run: Run, tmp_path: Path) -> None:
    design = tmp_path / "shorter.yaml"
    run("convert", "track1", design)
    text = design.read_text(encoding="utf-8")
    design.write_text(text.replace("channels: 8, kernel: 7", "channels: 8, kernel: 5"))
    found = run("compare", "track1", design)
    lines = found.out.splitlines()
    assert (found.code, found.err) == (0, "")
    (overall,) = (line.split() for line in lines if line.startswith("overall "))
    assert overall == ["overall", "MFLOPS", "691.3536", "690.5856", "-0.768", "-0.1"]
    (latency,) = (line.split() for line in lines if line.startswith("latency "))
    assert latency == ["latency", "ms", "30", "30", "0"]
    (layer,) = (line for line in lines if line.startswith("encoder.input"))
    shape, values = "1>8 k7 -> 1>8 k5", "64 -> 48 2.688 1.92 -0.768"
    assert " ".join(layer.split()) == f"encoder.input {shape} {values}"


def test_an_earlier_audit_is_a_target(run: Run, tmp_path: Path) -> None:
    before, gate = tmp_path / "before.json", tmp_path / "gate.JSON"
    run("audit", "track1", "-f", f"json={before}")
    run("check", "track1", "-f", f"json={gate}")
    out = run("compare", before, gate, "track1").out
    assert out.count("no layer that costs differs") == 2
    terms = "lrac-2025-track1, absorbed, 6 kbps"
    said = f"A is {before}: LRAC 2025 Track 1 baseline ({terms}), pass"
    assert said in " ".join(out.split())


def test_a_recipe_a_sheet_and_a_measured_codec(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    sheet = tmp_path / "sheet.xlsx"
    run("sheet", "track1", "-o", sheet)
    toy = "python:tests.lrac_audit.witness.targets.toys:tiny"
    found = run("compare", sheet, RECIPE, toy, "-f", "json")
    document = json.loads(found.out)
    assert found.code == 0
    assert [each["source"] for each in document["codecs"]] == [str(sheet), str(RECIPE), toy]
    measured = document["differences"][1]
    assert measured["figures"]["memory_transmit_state_bytes"]["after"] is None
    assert measured["figures"]["memory_transmit_state_bytes"]["absolute"] is None


def test_csv_has_a_record_for_each_figure_and_each_layer(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("compare", "track1", "track2", "-f", "csv").out)))
    figures = {row["name"]: row for row in rows if row["what"] == "figure"}
    assert float(figures["complexity_overall_mflops"]["absolute"]) == pytest.approx(
        2576.9472 - 691.3536
    )
    assert {row["change"] for row in rows if row["what"] == "layer"} >= {"added"}


def test_markdown_has_both_tables(run: Run) -> None:
    out = run("compare", "track1", "track2", "-f", "markdown").out
    assert "| Figure | Unit | A | B | B - A | % |" in out
    assert "## B beside A" in out


def test_the_options_of_an_audit(run: Run) -> None:
    arguments = ("--convention", "macs", "--rvq", "projected", "--bitrate", "1", "-f", "json")
    document = json.loads(run("compare", "track1", "track2", *arguments).out)
    assert document["convention"] == {"name": "macs", "unit": "MMAC/s"}
    assert {each["figures"]["mode_bitrate_kbps"] for each in document["codecs"]} == {1}
    assert "projected" in document["codecs"][0]["terms"]


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["track1"], "error: options: TARGET: given 1 of them; allowed: at least two codecs"),
        (["track1", "nowhere.json"], "error: nowhere.json: given no such file"),
        (["track1", "nowhere.yaml"], "error: nowhere.yaml: given no such file"),
    ],
)
def test_bad_targets_are_one_message(run: Run, targets: list[str], message: str) -> None:
    found = run("compare", *targets)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(message) and len(found.err.splitlines()) == 1
