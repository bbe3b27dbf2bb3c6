"""The command ``explore``, on every kind of target and in every format."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Result

Run = Callable[..., Result]
RECIPE = ROOT / "tests" / "data" / "espnet_sample.yaml"
KERNELS = "encoder.blocks.3.residual.*.convs.0.kernel=3,5,7"
WISHES = ("--objective", "receptive_field", "--objective", "-overall_mflops")


def test_the_front_on_a_screen(run: Run) -> None:
    """By hand: a tap costs 2 x 64 x 64 operations at 500 steps a second, 4.096 MFLOPS.

    The units have 5, 7 and 7 taps, with 3, 9 and 27 steps of 48 samples between them; the baseline
    has 691.3536 MFLOPS and sees 14,085 samples.
    """
    found = run("explore", "track1", "--vary", KERNELS, *WISHES)
    assert (found.code, found.err) == (0, "")
    rows = [line.split()[:4] for line in found.out.splitlines() if line.startswith("front-")]
    expected = [
        ("7", 14085 + 2 * 3 * 48, 691.3536 + 2 * 4.096),
        ("5", 14085 - 2 * (9 + 27) * 48, 691.3536 - 4 * 4.096),
        ("3", 14085 - 2 * 3 * 48 - 4 * (9 + 27) * 48, 691.3536 - 10 * 4.096),
    ]
    assert rows == [
        [f"front-{i}", kernel, f"{samples:,}", f"{mflops:.4f}"]
        for i, (kernel, samples, mflops) in enumerate(expected, start=1)
    ]
    assert "exact: each of 3 designs was decided" in found.out


@pytest.mark.parametrize("target", ["track2", "recipe", "sheet", "mimi-24khz"])
def test_targets(run: Run, tmp_path: Path, target: str) -> None:
    files = {"recipe": RECIPE, "sheet": ROOT / "sheets" / "track1.xlsx"}
    limits = tmp_path / "limits.yaml"
    limits.write_text("{name: wide, convention: macs, overall_mflops: 1000000}")
    vary = "encoder.layers.0.conv.kernel=5,7" if target == "mimi-24khz" else "encoder.*.kernel=7,9"
    where = files.get(target, target)
    options = ("--limits", limits, "--objective", "-parameters", "-f", "json")
    found = run("explore", where, "--vary", vary, *options)
    assert (found.code, found.err) == (0, "")
    document = json.loads(found.out)
    (best,) = document["front"]
    assert list(best["knobs"].values()) == [int(vary.partition("=")[2].partition(",")[0])]


def test_each_design_is_a_file_that_other_commands_take(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "front"
    options = ("--designs", folder, "-f", "json")
    document = json.loads(run("explore", "track1", "--vary", KERNELS, *WISHES, *options).out)
    names = ["front-1", "front-2", "front-3"]
    written = sorted(path.name for path in folder.iterdir())
    assert written == [*(f"{name}.yaml" for name in names), "index.csv"]
    assert run("check", folder).code == 0
    audited = json.loads(run("audit", folder / "front-2.yaml", "-f", "json").out)
    assert audited["design"]["name"] == "LRAC 2025 Track 1 baseline front-2"
    told = document["front"][1]["objectives"]
    assert audited["complexity"]["overall"]["mflops"] == told["overall_mflops"]
    assert audited["receptive_field"]["encoder_samples"] == told["receptive_field"]
    recipe = ("--to", tmp_path / "train.yaml")
    assert run("convert", folder / "front-1.yaml", *recipe).code == 0
    index = list(csv.DictReader((folder / "index.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["design"] for row in index] == names
    assert float(index[1]["overall_mflops"]) == told["overall_mflops"]


def test_a_folder_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = run("explore", "track1", "--vary", KERNELS, *WISHES, "--designs", file)
    assert (found.code, found.out) == (2, "")
    assert "allowed: a folder that can be written" in found.err


def test_comma_separated_and_markdown(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "front.csv"
    vary = ("--vary", f"each {KERNELS}", "--vary", "encoder.input.kernel=7")
    found = run("explore", "track1", *vary, *WISHES, "-f", f"csv={table}", "-f", "markdown")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(rows) == sum(line.startswith("| front-") for line in found.out.splitlines()) > 4
    assert rows[0]["encoder.blocks.3.residual.2.convs.0.kernel"] == "7"
    assert rows[0]["encoder.input.kernel"] == "7"
    assert all(float(row["overall_mflops_margin"]) >= 0 for row in rows)
    assert "encoder.input.kernel is 7 in every design of the front" in found.out


def test_a_workbook(run: Run, tmp_path: Path) -> None:
    """The cells are numbers, equal to those of the document; a flag is a word."""
    from openpyxl import load_workbook

    book, vary = tmp_path / "front.xlsx", ("--vary", KERNELS, "--vary", "encoder.input.causal=true")
    found = run("explore", "track1", *vary, *WISHES, "-f", f"xlsx={book}", "-f", "json")
    front, space = load_workbook(book).worksheets
    header, *rows = front.iter_rows(min_row=3, values_only=True)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["design"] for row in told] == ["front-1", "front-2", "front-3"]
    best = json.loads(found.out)["front"][0]
    assert {name: told[0][name] for name in best["objectives"]} == best["objectives"]
    assert told[0][KERNELS.partition("=")[0]] == 7
    assert told[0]["encoder.input.causal"] == "true"
    assert [row[2] for row in space.iter_rows(min_row=4, values_only=True)] == ["3, 5, 7", "true"]


def test_a_measured_codec_has_no_fields(run: Run) -> None:
    target = "python:some.module:make"
    found = run("explore", target, "--vary", KERNELS, *WISHES)
    assert found.code == 2
    said = "given a codec to be measured; allowed: a design; a codec that is measured has no fields"
    assert found.err.startswith(f"error: {target}: {said}")


def test_wrong_options_are_one_message_each(run: Run) -> None:
    found = run("explore", "track1", "--vary", "encoder.kernl=3", "--objective", "flops")
    assert (found.code, found.out) == (2, "")
    options = [line.split(": ")[2] for line in found.err.splitlines()]
    assert options == ["--vary", "--objective"]


@pytest.mark.sweep
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interruption_from_the_keyboard(tmp_path: Path, jobs: str) -> None:
    """A space that takes minutes; what was found is printed and written."""
    command = [sys.executable, "-m", "lrac_audit", "explore", "track1", *WISHES]
    command += ["--vary", "each encoder.blocks.*.residual.*.convs.0.kernel=3,5,7"]
    command += ["--vary", "each encoder.blocks.*.residual.*.convs.0.dilation=1,3,9"]
    command += [
        "--jobs",
        jobs,
        "--max-designs",
        "1000000000000",
        "--designs",
        str(tmp_path / "front"),
    ]
    options: dict[str, Any] = {"cwd": ROOT, "start_new_session": True, "text": True}
    with subprocess.Popen(command, stdout=-1, stderr=-1, **options) as process:
        time.sleep(8)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "interrupted"
    assert re.search(r"interrupted when [\d,]+ of 282,429,536,481 designs were decided", out)
    assert "front-" in out
    assert (tmp_path / "front" / "index.csv").exists()
