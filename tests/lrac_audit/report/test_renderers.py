"""Renderers against hostile names, and the building blocks of text."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lrac_audit import audit
from lrac_audit.auditing.audit import Audit
from lrac_audit.console.layout import Column, Table
from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import Quantizer
from lrac_audit.design.quantizer import QuantizerKind
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.limits import judge, load_limits
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.check_report import CheckReport
from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.github_format import GitHubFormat, step_summary
from lrac_audit.report.formats.junit_format import JUnitFormat
from lrac_audit.report.formats.markdown_format import MarkdownFormat, markdown_table
from lrac_audit.report.formats.table_format import TableFormat
from lrac_audit.report.numerals import fixed, number
from lrac_audit.report.sheet_report import SheetReport

TRACK1 = load_design("track1").design
PACKED = "A frame takes {} bits, of which its indices hold {}."
STRICT = replace(load_limits("lrac-2025-track1"), overall_mflops=1, receive_mflops=1)


def shown(audited: Audit) -> str:
    """Return the report on a screen, with every run of spaces and line ends as one space."""
    return " ".join(TableFormat().render(AuditReport(audited)).split())


def gate(*audits: Audit) -> CheckReport:
    return CheckReport(audits, exit_code=1, by_target=False)


def renamed(name: str, source: str = "x.yaml", **options: Any) -> Audit:
    found = audit(replace(audit("track1").design, name=name), **options)
    return replace(found, target=found.target._replace(source=source))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (30, "30"), (691.3536, "691.3536"), (1234.5, "1,234.5"), (None, ""), (-0.5, "-0.5")],
)
def test_numbers_have_no_needless_zeros(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("quantizer", "header", "packing"),
    [
        # 1000 values take 10 bits, and log2(1000) is 9.9658.
        (Fsq((8, 5, 5, 5)), "FSQ, 1 layer on, 1 kbps", PACKED.format(10, 9.9658)),
        (Fsq((8, 5, 5, 5), 2), "FSQ, 2 layers on, 2 kbps", PACKED.format(20, 19.9316)),
        (Quantizer(6, 1024, 12), "RVQ absorbed, 6 layers on, 6 kbps", None),
    ],
)
def test_layers_and_bits_of_a_frame(
    quantizer: QuantizerKind, header: str, packing: str | None
) -> None:
    text = shown(audit(replace(TRACK1, quantizer=quantizer)))
    assert f"100 frames/s; {header} counted by" in text
    assert packing in text if packing else "A frame takes" not in text


def test_zero_is_left_out_of_columns() -> None:
    assert (fixed(0), fixed(2.5)) == ("", "2.5000")


def test_markdown_takes_nothing_for_its_own() -> None:
    text = markdown_table(Table([Column("a|b")], [["<img src=x>|*bold*[link](x)`"]]))
    assert text.splitlines()[0] == "| a\\|b |"
    assert text.splitlines()[2] == r"| \<img src=x\>\|\*bold\*\[link\](x)\` |"
    assert "## \\<b\\>: pass" in MarkdownFormat().render(gate(renamed("<b>")))


def test_junit_holds_any_name() -> None:
    text = JUnitFormat().render(gate(renamed("x", source="<&\"'\x07>.yaml", limits=STRICT)))
    suite = ElementTree.fromstring(text)[0]
    assert suite.get("name") == "<&\"'\\x07>.yaml"
    failure = suite[0].find("failure")
    assert failure is not None
    assert "overall_mflops fail: 691.3536 MFLOPS, limit 1" in str(failure.get("message"))
    assert "take out 690.354 MFLOPS" in str(failure.text)
    assert suite[2].find("failure") is None


def test_workflow_commands_cannot_be_broken_out_of() -> None:
    text = GitHubFormat().render(
        gate(renamed("x", source="a,b:c\n::error::gotcha%", limits=STRICT))
    )
    lines = text.splitlines()
    assert len(lines) == 2
    name = "a%2Cb%3Ac%0A%3A%3Aerror%3A%3Agotcha%25"
    assert lines[0].startswith(f"::error file={name},title={name}::overall")


def test_annotations_are_few() -> None:
    lines = GitHubFormat().render(gate(*[renamed("x", limits=STRICT)] * 8)).splitlines()
    assert len(lines) == 10
    assert lines[-1].endswith("7 more errors; see the log")  # 8 * 2 - 9
    fine = GitHubFormat().render(gate(audit("track1")))
    assert fine.startswith("::notice title=lrac-audit::within the")


@pytest.mark.sweep  # a mebibyte of tables
def test_step_summaries_stay_under_a_mebibyte() -> None:
    text = step_summary(gate(*[renamed("n" * 200, limits=STRICT)] * 3000))
    assert 900_000 < len(text.encode()) < 1 << 20
    assert text.endswith("The rest does not fit into a step summary.\n")


def test_csv_of_checks_is_plain_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(CsvFormat().render(gate(audit("track2"))))))
    assert rows[0] == {
        "target": "track2",
        "check": "overall_mflops",
        "limit": "2600",
        "value": "2576.9472",
        "margin": "23.0528",
        "unit": "MFLOPS",
        "status": "pass",
        "at_least": "",
    }


def between_bounds(shown_samples: int | None) -> Audit:
    """Track 1, of 720 samples or 30 ms, as if it were measured, and judged by a limit of 25 ms."""
    found = audit("track1", limits=replace(STRICT, total_latency_ms=25))
    ledger = replace(found.ledger, shown_latency_samples=shown_samples)
    verdict = judge(ledger, found.totals, found.verdict.limits, found.convention)
    return replace(found, ledger=ledger, verdict=verdict)


def test_a_check_shows_both_bounds_and_which_one_is_judged() -> None:
    """Of 480 samples at 24 kHz, that is 20 ms, the effect was shown: within the limit."""
    audited = between_bounds(480)
    bounds = "at least 20, at most 30 ms; judged at most 30"
    sentence = (
        "total_latency_ms fail: at least 20, at most 30 ms; judged at most 30 ms, limit 25, "
        "margin -5"
    )
    assert f"title=track1::{sentence}" in GitHubFormat().render(gate(audited))
    assert f'message="{sentence}"' in JUnitFormat().render(gate(audited))
    screen = " ".join(TableFormat().render(gate(audited)).split())
    assert "total_latency_ms 25 20 to 30 -5 fail" in screen
    assert f"- total_latency_ms is {bounds}" in screen
    assert f"Bounds: total_latency_ms is {bounds}." in shown(audited)
    checks = {check["id"]: check for check in audited.document()["limits"]["checks"]}
    assert checks["total_latency_ms"]["value"] == 30
    assert checks["total_latency_ms"]["at_least"] == 20
    assert checks["receive_mflops"]["at_least"] is None
    rows = {
        row["check"]: row for row in csv.DictReader(io.StringIO(CsvFormat().render(gate(audited))))
    }
    assert (rows["total_latency_ms"]["value"], rows["total_latency_ms"]["at_least"]) == ("30", "20")


@pytest.mark.parametrize("shown_samples", [720, None])
def test_a_delay_that_is_proved_or_was_not_looked_for_has_no_lower_bound(
    shown_samples: int | None,
) -> None:
    audited = between_bounds(shown_samples)
    assert "total_latency_ms fail: 30 ms, limit 25" in GitHubFormat().render(gate(audited))
    assert "at least" not in shown(audited)


def test_terminal_says_what_absorption_trades() -> None:
    # 6 layers: 1024 * 160 table values for 12 * 160 + 160 of a projection, and on the receive side
    # the 1024 * 12 codebook as well
    out = shown(audit("track1"))
    assert "saves 2.304 MFLOPS on the transmit side and 2.304 on the receive side" in out
    sent, received = 6 * (1024 * 160 - 2080), 6 * (1024 * 160 - 2080 - 1024 * 12)
    assert f"for +{sent:,} and +{received:,} stored values" in out


def test_terminal_tells_the_other_modes() -> None:
    out = shown(audit("track2", rvq="projected"))
    assert "The mode of 1 kbps needs 2,547.7632 MFLOPS, 595.584 of it to receive." in out
    low = shown(audit("track2", bitrate_kbps=1))
    assert "The mode of 6 kbps needs 2,576.9472 MFLOPS, 594.048 of it" in low


def test_terminal_names_default_limits(tmp_path: Path) -> None:
    found = audit(replace(audit("track1").design, limits=None))
    assert "judged by lrac-2025-track1, the strictest known" in shown(found)


def test_unbounded_past_is_said(tmp_path: Path) -> None:
    design = audit("track1").design
    recurrent = replace(
        design,
        encoder=replace(design.encoder, lstm_layers=1),
        decoder=replace(design.decoder, lstm_layers=1),
    )
    out = shown(audit(recurrent))
    assert (
        "A latent frame sees all past samples; an output sample sees latent frames all past" in out
    )


def test_a_frame_that_stands_alone_has_no_sign() -> None:
    """By hand: a linear map at the frame rate on either side, so a frame sees itself alone."""
    text = """
lrac_audit_design: 1
name: alone
sample_rate_hz: 8000
encoder: {layers: [{conv: {kernel: 80, stride: 80, channels: 4}}]}
quantizer: {layers: 1, codebook_size: 16, codebook_dim: 4}
decoder: {layers: [{transposed_conv: {kernel: 80, stride: 80, channels: 1}}]}
"""
    assert "sees 80 samples; an output sample sees latent frames 0 to 0." in shown(audit(text))


def test_a_sheet_in_markdown_escapes_the_name_of_the_design() -> None:
    text = MarkdownFormat().render(SheetReport([renamed("<b>_x_")]))
    assert text.splitlines()[2] == r"\<b\>\_x\_"
    assert "<b>" not in text
