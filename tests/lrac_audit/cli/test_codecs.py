"""``lrac-audit codecs``: the table of public codecs by their designs, which needs no torch."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lrac_audit.auditing.public_codecs import NO_DESIGN, NO_PACKAGE, compare_codecs
from lrac_audit.presets import PUBLIC_CODECS
from lrac_audit.witness.codec_catalogue import KNOWN_CODECS
from tests.conftest import ROOT, Result
from tests.documents import codecs as page
from tests.lrac_audit.list_design import LISTS

Run = Callable[..., Result]
LIMITS = ("limit lrac-2025-track1", "limit lrac-2025-track2")
BASELINES = ("LRAC 2025 Track 1 baseline", "LRAC 2025 Track 2 baseline")
WITHOUT_DESIGN = [codec for codec in KNOWN_CODECS if codec.preset not in PUBLIC_CODECS]


@pytest.fixture
def document(run: Run) -> Any:
    found = run("codecs", "-f", "json")
    assert (found.code, found.err) == (0, "")
    return json.loads(found.out)


def test_the_page_holds_the_tables(run: Run) -> None:
    assert run("codecs", "-f", "markdown").out == page.between(page.PAGE, page.DESIGNS)


def test_the_measured_tables_of_the_page_agree_with_the_designs(run: Run) -> None:
    """Only ``pytest -m sweep`` measures; what stands beside the measurements is compared here."""
    by_design, measured = (page.between(page.PAGE, name) for name in (page.DESIGNS, page.MEASURED))
    expected = page.rows(by_design.partition("\n\n")[0])[2:]
    costs = page.rows(measured.partition("\n\n")[0])[2:]
    found = [[name, *cells] for name, by, *cells in costs if by != "trace"]
    assert found == [cells for cells in expected if cells[1] != "skipped"]
    traced = {name for name, by, kbps, *_ in costs if by == "trace" and kbps != "skipped"}
    assert traced == {codec.name for codec in KNOWN_CODECS}
    skipped = re.findall(r"^- Skipped: .*?: (.*)$", measured, re.MULTILINE)
    assert set(skipped) <= {NO_PACKAGE}
    assert not re.search(r"not proved| ! \|", measured)


def test_the_table_has_every_codec(document: Any) -> None:
    names = [one["name"] for one in document["codecs"]]
    designed = [codec.name for codec in KNOWN_CODECS if codec.preset in PUBLIC_CODECS]
    assert names[: 2 + len(designed)] == [*BASELINES, *designed]
    assert len(names) == 2 + len(PUBLIC_CODECS)
    assert [one["name"] for one in document["missing"]] == [one.name for one in WITHOUT_DESIGN]


def test_known_figures(document: Any) -> None:
    by_name = {one["name"]: one for one in document["codecs"]}
    assert by_name[BASELINES[0]]["overall_mflops"] == 691.3536
    assert by_name[BASELINES[1]]["total_latency_ms"] == 50
    encodec = by_name["EnCodec 24 kHz"]
    assert encodec["bitrate_kbps"] == 6
    # 8 of its layers search 1024 codewords of width 128, 75 times a second
    search_mflops = 2 * 8 * 1024 * 128 * 75 / 1e6
    assert encodec["transmit_mflops"] == pytest.approx(2 * 1489.7664 + search_mflops)
    assert encodec["receive_mflops"] == pytest.approx(2 * 1489.7664)
    assert encodec["total_latency_ms"] == pytest.approx(1000 * 320 / 24_000)
    assert by_name["DAC 16 kHz"]["total_latency_ms"] == (320 + 2493 + 3141) / 16


def test_the_form_and_the_layers_that_are_counted(document: Any) -> None:
    """Public codecs project as trained; of DAC 24 kHz 8 of 32 layers fit into 6 kbps."""
    by_name = {one["name"]: one for one in document["codecs"]}
    assert {one["source"] for one in document["codecs"]} == {"design"}
    assert by_name[BASELINES[0]]["rvq"] == "absorbed"
    few, many = by_name["DAC 24 kHz"], by_name["DAC 16 kHz"]
    assert few["rvq"] == "projected"
    # the same layers at another rate, with 12 quantizer layers of 1024 to 8, 8 to 1024 and 1024 x 8
    layer = (1024 * 8 + 8) + 1024 * 8 + (8 * 1024 + 1024)
    assert many["transmit_stored_values"] - few["transmit_stored_values"] == 4 * layer
    receive_layer = 1024 * 8 + (8 * 1024 + 1024)
    assert many["receive_stored_values"] - few["receive_stored_values"] == 4 * receive_layer


@pytest.mark.skipif(not WITHOUT_DESIGN, reason="every codec has a design")
def test_a_codec_without_a_design_is_a_row_that_only_a_measurement_fills(
    run: Run, document: Any
) -> None:
    codec = WITHOUT_DESIGN[0]
    (missing,) = (one for one in document["missing"] if one["name"] == codec.name)
    assert missing == {"name": codec.name, "distribution": codec.package, "reason": NO_DESIGN}
    text = run("codecs").out
    assert re.search(rf"^{codec.name} +skipped$", text, re.MULTILINE)
    assert re.search(rf"^{codec.name} +skipped +skipped$", text, re.MULTILINE)
    assert f"Skipped: {codec.name}: no design of it ships; --measured " in " ".join(text.split())


def test_every_format(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("codecs", "-f", "csv").out)))
    assert [float(row["receive_mflops"]) for row in rows[:2]] == [296.832, 594.048]
    for row in rows[2 + len(PUBLIC_CODECS) :]:
        assert (row["receive_mflops"], row["verdict_lrac-2025-track1"]) == ("", "skipped")
    assert "| LRAC 2025 Track 1 baseline | 6 | 394.5 | 296.8 | 691.4 |" in (
        run("codecs", "-f", "markdown").out
    )
    assert all(len(line) <= 110 for line in run("codecs").out.splitlines())


def test_a_preset_file_adds_its_row(tmp_path: Path) -> None:
    """In a copy of the package, with one file more and nothing else changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lrac_audit", tmp_path / "lrac_audit", ignore=ignored)
    added = LISTS.replace("name: Lists", "name: Codec of lists")
    (tmp_path / "lrac_audit" / "presets" / "lists-24khz.yaml").write_text(added, encoding="utf-8")
    command = [sys.executable, "-m", "lrac_audit", "codecs", "-f", "csv"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert rows.keys() - {one.name for one in compare_codecs().codecs} >= {"Codec of lists"}
    row = rows["Codec of lists"]
    # 100 frames of 6 layers of 10 bits; a conv of 6 channels looks ahead by 2 samples, and what the
    # transposed convolution trims on the left of 40 - 20 samples is 10 steps of 12 samples
    assert float(row["bitrate_kbps"]) == 6
    assert float(row["total_latency_ms"]) == pytest.approx((240 + 2 + 10 * 12) / 24)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dac-16khz"], "unexpected extra argument"),
        (["--mesured"], "--measured"),
        (["-f", "junit"], "given 'junit'; allowed: one of table, json, csv, markdown, html"),
        (["-f", "json", "-f", "csv", "-o", "x"], "--output: given 'x' for 2 formats"),
    ],
)
def test_bad_options_are_one_message(run: Run, arguments: list[str], message: str) -> None:
    found = run("codecs", *arguments)
    assert (found.code, found.out) == (2, "")
    assert message in found.err
    assert "Traceback" not in found.err
