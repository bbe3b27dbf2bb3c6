"""The commands ``sensitivity`` and ``solve``, on every kind of target and in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lrac_audit import audit
from tests.conftest import ROOT, Result
from tests.sweeps import slow_in_sweep

Run = Callable[..., Result]
RECIPE = str(ROOT / "tests" / "data" / "espnet_sample.yaml")
BROKEN = """\
lrac_audit_design: 1
name: too late
sample_rate_hz: 24000
encoder:
  blocks:
    - residual: []
      down: {channels: 8, kernel: 960, stride: 480, causal: false}
quantizer: {layers: 2, codebook_size: 16, codebook_dim: 2, modes: [1]}
decoder:
  blocks:
    - up: {channels: 1, kernel: 960, stride: 480, trim: both}
      residual: []
"""
TARGETS = slow_in_sweep(
    [RECIPE, "broken", "sheet", "track1", "track2", "dac-16khz", "mimi-24khz"],
    "track1",
    "track2",
    "dac-16khz",
    "mimi-24khz",
    "sheet",
)


@pytest.fixture
def file(run: Run, tmp_path: Path) -> Callable[[str], str]:
    """Return the file or preset that stands for a target."""

    def path(target: str) -> str:
        if target == "broken":
            broken = tmp_path / "broken.yaml"
            broken.write_text(BROKEN, encoding="utf-8")
            return str(broken)
        if target == "sheet":
            sheet = tmp_path / "track1.xlsx"
            assert run("sheet", "track1", "-o", sheet).code == 0
            return str(sheet)
        return target

    return path


@pytest.mark.parametrize("target", TARGETS)
def test_the_steps_of_any_target(run: Run, file: Callable[[str], str], target: str) -> None:
    found = run("sensitivity", file(target), "-f", "json")
    assert (found.code, found.err) == (0, "")
    document = json.loads(found.out)
    overall = audit(file(target)).document()["complexity"]["overall"]["mflops"]
    assert document["figures"]["overall_mflops"] == pytest.approx(overall)
    assert document["steps"]
    for step in document["steps"]:
        assert step["fields"] and step["before"] != step["after"]


@pytest.mark.parametrize("target", TARGETS)
def test_the_largest_scaling_of_any_target(
    run: Run, file: Callable[[str], str], target: str, tmp_path: Path
) -> None:
    path = tmp_path / "scaled.yaml"
    found = run("solve", file(target), "--grow", "encoder.*.channels", "-o", path, "-f", "json")
    assert found.err == ""
    solution = json.loads(found.out)["solution"]
    assert found.code == (1 if solution is None else 0)
    assert path.exists() == (solution is not None)
    if solution is not None:
        after = audit(path)
        assert after.verdict.status == "pass"
        assert after.document()["complexity"]["overall"]["mflops"] == pytest.approx(
            solution["after"]["overall_mflops"]
        )


def test_steps_as_a_table(run: Run, file: Callable[[str], str]) -> None:
    """A hop of 20 ms and half of each overlap, 10 ms, are 40 ms of 30: one side may wait."""
    out = run("sensitivity", file("broken"), "--top", "4").out
    assert "too late: fail" in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    (first,) = (line for line in lines if line.startswith("encoder.blocks.0.down.causal "))
    assert first.startswith("encoder.blocks.0.down.causal false -> true mends at true")
    assert "-10" in first.split()
    assert any("more steps change less; --top shows more" in line for line in lines)


def test_steps_as_rows(run: Run, file: Callable[[str], str]) -> None:
    """960 taps of one channel 50 times a second are 0.096 MFLOPS for each of the 8 channels."""
    out = run("sensitivity", file("broken"), "-f", "csv").out
    rows = {(row["knob"], row["direction"]): row for row in csv.DictReader(io.StringIO(out))}
    row = rows["decoder.blocks.0.up.kernel", "less"]
    assert (row["before"], row["after"]) == ("960", "959")
    assert float(row["receive_mflops_change"]) == pytest.approx(-2 * 8 * 50 / 1e6)
    assert row["transmit_mflops_change"] == "0.0"
    assert row["limits"] == ""  # the trim stays as long, and so does the latency
    # One step of the trim is a step towards the limit; none of it is as much as is needed.
    assert rows["decoder.blocks.0.up.trim", "less"]["limits"] == "mends at 0"


def test_a_measured_codec_has_no_fields_to_change(run: Run) -> None:
    for command in (["sensitivity"], ["solve", "--grow", "*.channels"]):
        found = run(*command, "python:a.b:c")
        assert (found.code, found.out) == (2, "")
        assert "a codec that is measured has no fields to change" in found.err


def test_a_scaling_as_a_table(run: Run) -> None:
    out = run("solve", "track1", "--grow", "decoder.*.channels").out
    assert "decoder.*.channels times 1.0156" in out or "decoder.*.channels times 1.016" in out
    assert "decoder.blocks.0.up.channels      64     65" in out
    # 65 channels behind the first transposed convolution; 66 would need more than 300 MFLOPS.
    assert "the next larger valid design, at 1.031, breaks overall_mflops, receive_mflops" in out
    assert "larger scalings up to" in out


def test_an_existing_file_is_kept(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("mine", encoding="utf-8")
    found = run("solve", "track1", "--grow", "decoder.*.channels", "--output", path)
    assert found.code == 2 and "an existing file" in found.err
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("solve", "track1", "--grow", "decoder.*.channels", "-o", path, "--force").code == 0
    assert audit(path).verdict.status == "pass"


def test_a_pattern_that_matches_nothing(run: Run) -> None:
    found = run("solve", "track1", "--grow", "decoder.*.chanels")
    assert found.code == 2
    assert "did you mean decoder.*.channels" in found.err
    assert len(found.err.splitlines()) == 1


def test_advice_in_the_document_of_the_gate(run: Run) -> None:
    found = run("check", "track1", "track2", "--rvq", "projected", "-f", "json")
    passed, failed = (target["advice"] for target in json.loads(found.out)["targets"])
    assert passed is None
    assert failed[0]["rvq"] == "absorbed" and failed[0]["changes"] == {}
    (address,) = failed[1]["changes"]
    assert address.endswith(".kernel") and address.removesuffix(".kernel") in failed[1]["text"]


def test_a_batch_gets_advice_on_the_first_few(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    for i in range(22):
        (folder / f"{i:02}.yaml").write_text(BROKEN, encoding="utf-8")
    found = run("check", folder, "-f", "json")
    advised = [target["advice"] is not None for target in json.loads(found.out)["targets"]]
    assert advised == [True] * 20 + [False] * 2
    assert run("check", folder, "-f", "junit").out.count("checked alone, it gets advice") == 2
