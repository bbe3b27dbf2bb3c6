"""``lrac-audit codecs --measured``: models beside their designs, and models that are not there.

The default run measures small codecs made here; ``pytest -m sweep`` measures all public codecs and
compares the whole table.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lrac_audit.auditing import public_codecs
from lrac_audit.auditing.codec_models import compared_kbps
from lrac_audit.auditing.public_codecs import compare_codecs
from lrac_audit.design.formats import load_design
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, load_limits
from lrac_audit.report.codecs_report import codec_record
from lrac_audit.witness import codec_catalogue as known
from lrac_audit.witness.codec_catalogue import KNOWN_CODECS, KnownCodec
from lrac_audit.witness.factory import as_target
from tests.conftest import Result
from tests.documents import codecs as page
from tests.reference_models.nn.filling import filled_codec

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
Run = Callable[..., Result]
SMALL = """\
lrac_audit_design: 1
name: Small
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 3, channels: 2}
    - activation: elu
    - conv: {kernel: 48, stride: 24, channels: 4}
quantizer: {layers: 2, codebook_size: 8, codebook_dim: 2, modes: [1, 2]}
decoder:
  layers:
    - transposed_conv: {kernel: 48, stride: 24, channels: 3, trim: both}
    - conv: {kernel: 5, channels: 1}
"""


@pytest.mark.sweep
def test_the_page_holds_what_is_measured() -> None:
    comparison = compare_codecs(measured=True)
    known_names = {codec.name for codec in KNOWN_CODECS}
    assert [one.name for one in comparison.missing if one.name in known_names] == []
    assert page.between(page.PAGE, page.MEASURED) == page.tables(comparison)
    by_name = {codec.name: codec_record(codec) for codec in comparison.codecs}
    # what no design gives: twice 2,990.3 MMAC/s of stereo, by a norm that sees the whole clip
    assert by_name["EnCodec 48 kHz"]["total_latency_ms"] is None
    assert not any(codec.doubts for codec in comparison.codecs)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A design file that stands for a preset, and the model of a package that is built from it."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    design = load_design(path).design
    codec = KnownCodec("Small", "torch", str(path), lambda narrow: filled_codec(design, seed=0))
    monkeypatch.setattr(known, "KNOWN_CODECS", (codec,))
    monkeypatch.setattr(public_codecs, "PUBLIC_CODECS", (str(path),))
    return path


def test_a_model_stands_beside_its_design(small: Path, run: Run) -> None:
    found = run("codecs", "--measured", "-f", "markdown", "-f", f"json={small}.json")
    assert (found.code, found.err) == (0, "")
    costs = page.rows(found.out.partition("\n\n")[0])[2:]
    assert [cells[:2] for cells in costs[2:4]] == [["Small", "design"], ["Small", "trace"]]
    assert costs[2][2:] == costs[3][2:]
    record = json.loads(Path(f"{small}.json").read_text(encoding="utf-8"))["codecs"][2]
    assert (record["source"], record["trace_agrees"]) == ("design", True)
    assert record["trace_overall_mmacs_per_s"] == record["overall_mmacs_per_s"] > 0
    assert record["trace_total_latency_ms"] == record["total_latency_ms"]
    assert record["trace_receive_stored_values"] == record["receive_stored_values"] > 0


def test_a_design_that_is_not_the_model_is_marked_and_exits_3(small: Path, run: Run) -> None:
    """Its last convolution is longer by two taps, and looks no further."""
    small.write_text(SMALL.replace("kernel: 5", "kernel: 7"), encoding="utf-8")
    found = run("codecs", "--measured", "-f", "markdown", "-f", f"json={small}.json")
    assert (found.code, found.err) == (3, "")
    design, trace = page.rows(found.out.partition("\n\n")[0])[4:6]
    marked = [cell.endswith(" !") for cell in trace]
    # transmit and latency are alike; receive, overall, MMAC/s and stored values are not
    assert marked == [False] * 4 + [True] * 4 + [False]
    assert not any(cell.endswith(" !") for cell in design)
    assert "| Small | incomplete | incomplete |" in found.out
    document = json.loads(Path(f"{small}.json").read_text(encoding="utf-8"))
    record = document["codecs"][2]
    assert record["trace_agrees"] is False
    # 2 taps more from 3 channels to 1, at 24 kHz
    more = record["receive_mmacs_per_s"] - record["trace_receive_mmacs_per_s"]
    assert more == pytest.approx(2 * 3 * 24_000 / 1e6)
    stored = record["receive_stored_values"] - record["trace_receive_stored_values"]
    assert stored == 2 * 3
    note = "Small: not proved: receive stored values: "
    assert any(one.startswith(note) for one in document["notes"])


def test_a_difference_that_is_known_is_explained_and_not_marked(
    small: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model has a bias for each of 3 and 1 channels that receive, and the design has none."""
    (codec,) = known.KNOWN_CODECS
    surplus = known.Surplus(3 + 1, "biases that are 0")
    monkeypatch.setattr(known, "KNOWN_CODECS", (codec._replace(surplus=surplus),))
    text = SMALL.replace("trim: both", "trim: both, bias: false")
    small.write_text(text.replace("channels: 1}", "channels: 1, bias: false}"), encoding="utf-8")
    found = run("codecs", "--measured", "-f", "markdown", "-f", f"json={small}.json")
    assert (found.code, found.err) == (0, "")
    assert " ! |" not in found.out
    assert re.search(r"- Small: receive stored values: .* \(biases that are 0\)\n", found.out)
    record = json.loads(Path(f"{small}.json").read_text(encoding="utf-8"))["codecs"][2]
    assert record["trace_receive_stored_values"] - record["receive_stored_values"] == 4
    assert record["trace_agrees"] is True


def test_a_codec_without_a_design_has_the_figures_of_its_model(
    small: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_codecs, "PUBLIC_CODECS", ())
    document = json.loads(run("codecs", "--measured", "-f", "json").out)
    record = document["codecs"][2]
    assert (record["name"], record["source"], record["trace_agrees"]) == ("Small", "trace", None)
    assert record["overall_mmacs_per_s"] == record["trace_overall_mmacs_per_s"] > 0
    assert document["missing"] == []


def test_an_interruption_leaves_every_file_as_it_was(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(narrow: bool) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(known, "KNOWN_CODECS", (KnownCodec("Long", "torch", "", interrupted),))
    file = tmp_path / "codecs.json"
    file.write_text("before", encoding="utf-8")
    found = run("codecs", "--measured", "-f", f"json={file}")
    assert (found.code, found.out) == (130, "")
    assert "Traceback" not in found.err
    assert file.read_text(encoding="utf-8") == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["codecs.json"]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Codecs whose package is not there, is broken, is too old, or lacks another package."""

    def absent(narrow: bool) -> Any:
        import package_that_is_not_there  # noqa: F401

    def broken(narrow: bool) -> Any:
        import broken_codec  # noqa: F401

    def outdated(narrow: bool) -> Any:
        raise AttributeError("no DAC in it")

    def lacking(narrow: bool) -> Any:
        import lacking_codec  # noqa: F401

    (tmp_path / "broken_codec.py").write_text(
        "raise RuntimeError('built for another torch\\nor so')"
    )
    (tmp_path / "lacking_codec.py").write_text("import package_that_is_not_there.part")
    monkeypatch.syspath_prepend(str(tmp_path))
    codecs = (
        KnownCodec("Absent", "package_that_is_not_there", "", absent),
        KnownCodec("Broken", "broken_codec", "dac-16khz", broken),
        KnownCodec("Outdated", "outdated_codec", "", outdated),
        KnownCodec("Lacking", "lacking_codec", "", lacking),
    )
    monkeypatch.setattr(known, "KNOWN_CODECS", codecs)
    monkeypatch.setattr(public_codecs, "PUBLIC_CODECS", ("dac-16khz", "encodec-24khz"))


@pytest.mark.usefixtures("few")
def test_a_codec_that_cannot_be_imported_is_a_skipped_row_with_its_reason(run: Run) -> None:
    found = run("codecs", "--measured")
    assert (found.code, found.err) == (0, "")
    text = " ".join(found.out.split())
    absent = "package_that_is_not_there"
    for reason in (
        f"Absent: {absent} is not installed; pip install {absent}",
        "Broken: the package 'broken_codec', which cannot be imported "
        "(RuntimeError: built for another torch, at broken_codec.py:1)",
        "Outdated: outdated_codec cannot make it (AttributeError: no DAC in it, at tests/",
        f"Lacking: the package '{absent}' missing",
        "EnCodec 24 kHz: no package is known that makes its model",
    ):
        assert f"Skipped: {reason}" in text
    assert "LRAC 2025 Track 1 baseline" in text
    for name in ("Absent", "Outdated", "Lacking"):
        assert re.search(rf"^{name} +skipped$", found.out, re.MULTILINE)
        assert re.search(rf"^{name} +skipped +skipped$", found.out, re.MULTILINE)


@pytest.mark.usefixtures("few")
def test_what_a_design_gives_stays_where_its_model_is_skipped(run: Run) -> None:
    found = run("codecs", "--measured").out
    for name, figure in (("Broken", "24,580.5"), ("EnCodec 24 kHz", "3,136.8")):
        assert re.search(rf"^{name} +design +6 +{figure} .*\n{name} +trace +skipped$", found, re.M)
        assert re.search(rf"^{name} +fail +fail$", found, re.MULTILINE)


@pytest.mark.usefixtures("few")
def test_skipped_codecs_in_the_document(run: Run) -> None:
    document = json.loads(run("codecs", "--measured", "-f", "json").out)
    names = ["Absent", "Broken", "Outdated", "Lacking", "EnCodec 24 kHz"]
    assert [one["name"] for one in document["missing"]] == names
    assert document["missing"][0]["distribution"] == "package_that_is_not_there"
    assert document["missing"][4]["distribution"] is None
    assert document["codecs"][0]["overall_mflops"] == 691.3536
    assert document["codecs"][1]["total_latency_ms"] == 50
    assert [one["name"] for one in document["codecs"][2:]] == ["Broken", "EnCodec 24 kHz"]
    assert {one["trace_agrees"] for one in document["codecs"]} == {None}


@pytest.mark.usefixtures("few")
def test_progress_is_shown_on_a_terminal_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("codecs", "--measured").err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = run("codecs", "--measured").err
    places = [shown.index(name) for name in ("Absent", "Broken", "Outdated", "Lacking")]
    assert places == sorted(places)


@pytest.mark.usefixtures("few")
def test_skipped_codecs_in_csv(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("codecs", "--measured", "-f", "csv").out)))
    assert [(row["name"], row["receive_mflops"], row["trace_agrees"]) for row in rows[2:]] == [
        ("Broken", "55632.0768", ""),
        ("EnCodec 24 kHz", "2979.5328", ""),
        ("Absent", "", ""),
        ("Outdated", "", ""),
        ("Lacking", "", ""),
    ]
    assert {row["verdict_lrac-2025-track1"] for row in rows[4:]} == {"skipped"}
    assert all(len(line) <= 110 for line in run("codecs", "--measured").out.splitlines())


def test_a_codec_runs_at_its_highest_bitrate_within_the_limits() -> None:
    limits = tuple(load_limits(name) for name in CHALLENGE_LIMITS)
    targets = {codec.name: as_target(codec.make(True), codec.name) for codec in KNOWN_CODECS}
    rates = {name: [mode.bitrate_kbps for mode in one.modes] for name, one in targets.items()}
    assert {name: compared_kbps(kbps, limits) for name, kbps in rates.items()} == {
        "EnCodec 24 kHz": 6,
        "EnCodec 48 kHz": 6,
        "DAC 16 kHz": 6,
        "DAC 24 kHz": 6,  # 8 of 32 layers of 0.75
        "DAC 44.1 kHz": pytest.approx(6 * 10 * 44.1 / 512),
        "SNAC 24 kHz": pytest.approx(0.984375),
        "Mimi": pytest.approx(4.4),  # all 32 layers of 11 bits, 12.5 times a second
    }
