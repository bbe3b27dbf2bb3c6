"""``lrac-audit codecs``: the table of the README, and codecs that are not there."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from lrac_audit import comparing
from lrac_audit.comparing import Comparison, compare_codecs
from lrac_audit.report import codecs as report
from lrac_audit.witness import known
from lrac_audit.witness.known import KNOWN_CODECS, KnownCodec
from tests.conftest import ROOT, Result
from tests.stand_ins import make_torchaudio_importable

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    make_torchaudio_importable()
    return compare_codecs()


def test_the_readme_holds_the_table(comparison: Comparison) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- codecs -->\n(.*)<!-- /codecs -->", readme, re.DOTALL)
    assert found is not None
    assert found[1] == report.render_markdown(comparison)


def test_no_codec_is_missing(comparison: Comparison) -> None:
    names = [codec.name for codec in comparison.codecs]
    assert names[2:] == [codec.name for codec in KNOWN_CODECS]
    assert comparison.missing == ()
    assert not any(codec.audit.verdict.doubts for codec in comparison.codecs)


def test_the_table_has_known_figures(comparison: Comparison) -> None:
    by_name = {codec.name: report.figures(codec) for codec in comparison.codecs}
    assert by_name["LRAC 2025 Track 1 baseline"]["overall_mflops"] == 691.3536
    encodec = by_name["EnCodec 24 kHz"]
    assert encodec["bitrate_kbps"] == 6
    # 8 of its layers search 1024 codewords of width 128, 75 times a second
    search_mflops = 2 * 8 * 1024 * 128 * 75 / 1e6
    assert encodec["transmit_mflops"] == pytest.approx(2 * 1489.7664 + search_mflops)
    assert encodec["receive_mflops"] == pytest.approx(2 * 1489.7664)
    assert encodec["total_latency_ms"] == pytest.approx(1000 * 320 / 24_000)
    assert by_name["DAC 16 kHz"]["total_latency_ms"] == (320 + 2493 + 3141) / 16
    assert by_name["EnCodec 48 kHz"]["total_latency_ms"] is None


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One codec whose package is not there, and one whose package is broken."""

    def absent(narrow: bool) -> Any:
        import package_that_is_not_there  # noqa: F401

    def broken(narrow: bool) -> Any:
        raise OSError("cannot load libbroken.so")

    codecs = (
        KnownCodec("Absent", "package_that_is_not_there", "absent-codec", absent),
        KnownCodec("Broken", "broken", "broken-codec", broken),
    )
    monkeypatch.setattr(known, "KNOWN_CODECS", codecs)


@pytest.mark.usefixtures("few")
def test_missing_packages_are_named_with_how_to_install_them(run: Run) -> None:
    found = run("codecs")
    assert (found.code, found.err) == (0, "")
    text = " ".join(found.out.split())
    assert "Not compared: Absent: not installed; pip install absent-codec" in text
    assert "Not compared: Broken: OSError: cannot load libbroken.so; pip install broken-" in text
    assert "LRAC 2025 Track 1 baseline" in text
    document = json.loads(run("codecs", "-f", "json").out)
    assert [one["name"] for one in document["missing"]] == ["Absent", "Broken"]
    assert document["codecs"][0]["overall_mflops"] == 691.3536
    assert document["codecs"][1]["total_latency_ms"] == 50


@pytest.mark.usefixtures("few")
def test_every_format(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("codecs", "-f", "csv").out)))
    assert [float(row["receive_mflops"]) for row in rows] == [296.832, 594.048]
    assert "| LRAC 2025 Track 1 baseline | 6 | 394.5 | 296.8 | 691.4 |" in (
        run("codecs", "-f", "markdown").out
    )
    assert all(len(line) <= 110 for line in run("codecs").out.splitlines())


def test_a_codec_runs_at_its_highest_bitrate_within_the_limits(comparison: Comparison) -> None:
    rates = {codec.name: codec.audit.ledger.mode.bitrate_kbps for codec in comparison.codecs}
    assert rates["DAC 24 kHz"] == 6  # 8 of 32 layers of 0.75
    assert rates["DAC 44.1 kHz"] == pytest.approx(6 * 10 * 44.1 / 512)
    assert rates["SNAC 24 kHz"] == pytest.approx(0.984375)
    assert comparing.BASELINES == ("track1", "track2")
