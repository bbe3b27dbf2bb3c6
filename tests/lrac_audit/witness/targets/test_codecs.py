"""``lrac-audit codecs``: the tables of their page, and codecs that are not there.

Two codecs are measured in every run, one that waits for its hop alone and one that looks ahead;
``pytest -m sweep`` measures all and compares the whole table.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lrac_audit.auditing.public_codecs import Comparison, bitrate_kbps, compare_codecs
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, load_limits
from lrac_audit.report.codecs_report import CodecsReport, codec_record
from lrac_audit.report.formats.markdown_format import MarkdownFormat
from lrac_audit.witness import codec_catalogue as known
from lrac_audit.witness.codec_catalogue import KNOWN_CODECS, KnownCodec
from lrac_audit.witness.factory import as_target
from tests.conftest import Result
from tests.lrac_audit.witness.conftest import imported
from tests.lrac_audit.witness.targets.published_table import published_tables

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
Run = Callable[..., Result]


MEASURED = ("EnCodec 24 kHz", "DAC 16 kHz")


@pytest.fixture(scope="module")
def comparison() -> Iterator[Comparison]:
    imported("transformers")
    few = tuple(codec for codec in KNOWN_CODECS if codec.name in MEASURED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known, "KNOWN_CODECS", few)
        yield compare_codecs()


def is_of_another(line: str) -> bool:
    """Whether a line of the page is about a codec that is not measured here."""
    others = [codec.name for codec in KNOWN_CODECS if codec.name not in MEASURED]
    return any(line.startswith((f"| {name} |", f"- {name}: ")) for name in others)


def test_the_page_holds_the_table(comparison: Comparison) -> None:
    lines = published_tables().splitlines(keepends=True)
    kept = "".join(line for line in lines if not is_of_another(line))
    assert kept == MarkdownFormat().render(CodecsReport(comparison))


@pytest.mark.sweep
def test_the_page_holds_the_whole_table() -> None:
    comparison = compare_codecs()
    assert comparison.missing == ()
    assert published_tables() == MarkdownFormat().render(CodecsReport(comparison))


def test_the_page_holds_every_codec() -> None:
    names = re.findall(r"^\| (.*?) \|", published_tables().partition("\n\n")[0], re.MULTILINE)
    expected = ["LRAC 2025 Track 1 baseline", "LRAC 2025 Track 2 baseline"]
    expected += [codec.name for codec in KNOWN_CODECS]
    expected += ["limit lrac-2025-track1", "limit lrac-2025-track2"]
    assert names == ["Codec", "---", *expected]
    assert "not proved" not in published_tables()
    assert "Skipped" not in published_tables()


def test_the_table_has_known_figures(comparison: Comparison) -> None:
    by_name = {codec.name: codec_record(codec) for codec in comparison.codecs}
    assert by_name["LRAC 2025 Track 1 baseline"]["overall_mflops"] == 691.3536
    encodec = by_name["EnCodec 24 kHz"]
    assert encodec["bitrate_kbps"] == 6
    # 8 of its layers search 1024 codewords of width 128, 75 times a second
    search_mflops = 2 * 8 * 1024 * 128 * 75 / 1e6
    assert encodec["transmit_mflops"] == pytest.approx(2 * 1489.7664 + search_mflops)
    assert encodec["receive_mflops"] == pytest.approx(2 * 1489.7664)
    assert encodec["total_latency_ms"] == pytest.approx(1000 * 320 / 24_000)
    assert by_name["DAC 16 kHz"]["total_latency_ms"] == (320 + 2493 + 3141) / 16
    assert not any(codec.audit.verdict.doubts for codec in comparison.codecs)


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
        KnownCodec("Absent", "package_that_is_not_there", absent),
        KnownCodec("Broken", "broken_codec", broken),
        KnownCodec("Outdated", "outdated_codec", outdated),
        KnownCodec("Lacking", "lacking_codec", lacking),
    )
    monkeypatch.setattr(known, "KNOWN_CODECS", codecs)


@pytest.mark.usefixtures("few")
def test_a_codec_that_cannot_be_imported_is_a_skipped_row_with_its_reason(run: Run) -> None:
    found = run("codecs")
    assert (found.code, found.err) == (0, "")
    text = " ".join(found.out.split())
    absent = "package_that_is_not_there"
    for reason in (
        f"Absent: {absent} is not installed; pip install {absent}",
        "Broken: the package 'broken_codec', which cannot be imported "
        "(RuntimeError: built for another torch, at broken_codec.py:1)",
        "Outdated: outdated_codec cannot make it (AttributeError: no DAC in it, at tests/",
        f"Lacking: the package '{absent}' missing",
    ):
        assert f"Skipped: {reason}" in text
    assert "LRAC 2025 Track 1 baseline" in text
    for name in ("Absent", "Broken", "Outdated", "Lacking"):
        assert re.search(rf"^{name} +skipped$", found.out, re.MULTILINE)
        assert re.search(rf"^{name} +skipped +skipped$", found.out, re.MULTILINE)


@pytest.mark.usefixtures("few")
def test_skipped_codecs_in_the_document(run: Run) -> None:
    document = json.loads(run("codecs", "-f", "json").out)
    names = ["Absent", "Broken", "Outdated", "Lacking"]
    assert [one["name"] for one in document["missing"]] == names
    assert document["missing"][0]["distribution"] == "package_that_is_not_there"
    assert document["codecs"][0]["overall_mflops"] == 691.3536
    assert document["codecs"][1]["total_latency_ms"] == 50
    assert len(document["codecs"]) == 2


@pytest.mark.usefixtures("few")
def test_progress_is_shown_on_a_terminal_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("codecs").err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = run("codecs").err
    places = [shown.index(name) for name in ("Absent", "Broken", "Outdated", "Lacking")]
    assert places == sorted(places)


@pytest.mark.usefixtures("few")
def test_every_format(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("codecs", "-f", "csv").out)))
    assert [float(row["receive_mflops"]) for row in rows[:2]] == [296.832, 594.048]
    assert [(row["name"], row["receive_mflops"]) for row in rows[2:4]] == [
        ("Absent", ""),
        ("Broken", ""),
    ]
    assert {row["verdict_lrac-2025-track1"] for row in rows[2:]} == {"skipped"}
    assert "| LRAC 2025 Track 1 baseline | 6 | 394.5 | 296.8 | 691.4 |" in (
        run("codecs", "-f", "markdown").out
    )
    assert all(len(line) <= 110 for line in run("codecs").out.splitlines())


def test_a_codec_runs_at_its_highest_bitrate_within_the_limits() -> None:
    limits = tuple(load_limits(name) for name in CHALLENGE_LIMITS)
    rates = {
        codec.name: bitrate_kbps(as_target(codec.make(True), codec.name), limits)
        for codec in KNOWN_CODECS
    }
    assert rates == {
        "EnCodec 24 kHz": 6,
        "EnCodec 48 kHz": 6,
        "DAC 16 kHz": 6,
        "DAC 24 kHz": 6,  # 8 of 32 layers of 0.75
        "DAC 44.1 kHz": pytest.approx(6 * 10 * 44.1 / 512),
        "SNAC 24 kHz": pytest.approx(0.984375),
        "Mimi": pytest.approx(4.4),  # all 32 layers of 11 bits, 12.5 times a second
    }
