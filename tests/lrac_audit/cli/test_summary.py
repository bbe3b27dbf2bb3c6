"""The summary of a gate: a row for each target, its judgements side by side, sorted by a column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.entry_order import COLUMNS
from lrac_audit.ledger.row import Mode
from lrac_audit.report.check_report import MANY_TARGETS, CheckReport
from lrac_audit.report.formats.table_format import TableFormat
from tests.conftest import Result
from tests.lrac_audit.auditing.test_document import LEDGER, UP, audited

Run = Callable[..., Result]
PROJECTED = ("--rvq", "projected")


def table(found: Result) -> list[dict[str, str]]:
    """Return the rows of the first table of a screen by their headings."""
    lines = found.out.partition("\n\n")[0].splitlines()
    headings, _, *rows = (re.split(r" {2,}", line.strip()) for line in lines)
    return [dict(zip(headings, row, strict=False)) for row in rows]


def records(found: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.out)))


def test_a_target_is_one_row_with_its_figures(run: Run) -> None:
    """The projected receive side of Track 2 is 3.264 MFLOPS, 0.544 %, over its 600."""
    found = run("check", "track1", "track2", *PROJECTED, "--summary")
    assert found.code == 1
    first, second = table(found)
    assert first == {
        "Target": "track1",
        "Limits": "lrac-2025-track1",
        "kbps": "6",
        "Overall MFLOPS": "695.9616",
        "Transmit MFLOPS": "396.8256",
        "Receive MFLOPS": "299.136",
        "Latency ms": "30",
        "Margin %": "0",
        "Tightest": "total_latency_ms",
        "Verdict": "pass",
    }
    assert (second["Receive MFLOPS"], second["Margin %"]) == ("603.264", "-0.54")
    assert (second["Tightest"], second["Verdict"]) == ("receive_mflops", "fail")
    assert found.out.endswith("\n2 targets: 1 pass, 1 fail\n")


def test_judgements_stand_side_by_side(run: Run) -> None:
    """Track 2 takes 50 ms and 2576.9472 MFLOPS; 2576.9472 of 700 is a margin of -268.14 %."""
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    found = run("check", "track1", "track2", *limits)
    first, second = table(found)
    assert "Limits" not in first
    assert [first[f"lrac-2025-track{n}"] for n in (1, 2)] == ["pass: 0 %", "pass: 40 %"]
    assert [second[f"lrac-2025-track{n}"] for n in (1, 2)] == ["fail: -268.14 %", "pass: 0 %"]
    assert found.out.endswith("2 targets: 3 pass, 1 fail\n")
    assert found.code == 1


def test_conventions_have_their_own_figures(run: Run) -> None:
    found = run("check", "track1", "--convention", "macs", "--convention", "lrac-2025")
    (row,) = table(found)
    assert row["Overall MMAC/s, macs"] == "345.6768"  # half of 691.3536
    assert row["Overall MFLOPS, lrac-2025"] == "691.3536"


def test_forms_and_bitrates_are_rows(run: Run) -> None:
    """Absorbed, the layer of 1 kbps costs 2.8416 MFLOPS of search, and all six 17.0496."""
    words = ("--rvq", "absorbed", *PROJECTED, "--bitrate", "6", "--bitrate", "1", "-f", "csv")
    found = records(run("check", "track1", "--summary", *words))
    assert [(row["rvq"], float(row["bitrate_kbps"])) for row in found] == [
        ("absorbed", 6),
        ("absorbed", 1),
        ("projected", 6),
        ("projected", 1),
    ]
    rest = 377.472 + 296.832
    costs = [float(row["overall_mflops"]) for row in found]
    assert costs == pytest.approx([rest + 17.0496, rest + 2.8416, 695.9616, rest + 3.6096])


def test_records_name_their_terms(run: Run) -> None:
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    words = ("track1", "nowhere.yaml", *limits, "--convention", "macs", "-f", "csv")
    found = records(run("check", *words, "--summary"))
    assert [(row["target"], row["limits"], row["verdict"]) for row in found] == [
        ("track1", "lrac-2025-track1", "pass"),
        ("track1", "lrac-2025-track2", "pass"),
        ("nowhere.yaml", "", "error"),
    ]
    assert float(found[1]["margin_percent"]) == pytest.approx(40)  # 30 of 50 ms
    assert {row["unit"] for row in found[:2]} == {"MMAC/s"}
    checks = records(run("check", *words))
    assert len(checks) == 11
    assert {row["limits"] for row in checks[:10]} == {"lrac-2025-track1", "lrac-2025-track2"}


def test_a_limit_broken_by_no_number_has_the_smallest_margin(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("name: own\nconvention: lrac-2025\nsample_rate_hz: 16000\noverall_mflops: 9000")
    found = run("check", "track2", "dac-16khz", "--limits", own, "--summary", "--sort", "margin")
    first, second = table(found)
    assert (first["Target"], first["Margin %"], first["Tightest"]) == (
        "track2",
        "none",
        "sample_rate_hz",
    )
    assert second["Tightest"] == "overall_mflops"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("before", ["", "-"])
def test_targets_are_sorted_by_each_column(run: Run, column: str, before: str) -> None:
    targets = ("track2", "snac-24khz", "nowhere.yaml", "track1")
    found = run("check", *targets, "--sort", before + column, "--summary", "-f", "csv")
    *rows, last = records(found)
    field = {
        "margin": "margin_percent",
        "bitrate": "bitrate_kbps",
        "latency": "total_latency_ms",
    }.get(column, column if column in ("target", "verdict") else f"{column}_mflops")
    text = [row[field] for row in rows]
    values = text if column in ("target", "verdict") else [float(value) for value in text]
    assert values == sorted(values, reverse=bool(before))
    assert len(set(values)) > 1
    assert last["target"] == "nowhere.yaml"


def test_every_report_has_the_order(run: Run, tmp_path: Path) -> None:
    document = tmp_path / "out.json"
    found = run(
        "check", "track1", "track2", "--sort", "-overall", "-f", f"json={document}", "-f", "csv"
    )
    sources = [each["design"]["source"] for each in json.loads(document.read_text())["targets"]]
    assert sources == ["track2", "track1"]
    assert list(dict.fromkeys(row["target"] for row in records(found))) == sources


def test_help_names_the_columns_that_there_are(run: Run) -> None:
    assert ", ".join(COLUMNS) in " ".join(run("check", "--help").out.split())
    refused = run("check", "track1", "--sort", "margn")
    assert (refused.code, refused.out) == (2, "")
    assert "--sort: given 'margn'; allowed: one of margin, target" in refused.err
    assert refused.err.endswith("did you mean margin?\n")


@pytest.mark.parametrize(("count", "is_summary"), [(MANY_TARGETS, False), (MANY_TARGETS + 1, True)])
def test_many_targets_are_a_summary_for_people(
    run: Run, tmp_path: Path, count: int, is_summary: bool
) -> None:
    run("convert", "track1", tmp_path / "design 1.yaml")
    for n in range(2, count + 1):
        (tmp_path / f"design {n}.yaml").write_bytes((tmp_path / "design 1.yaml").read_bytes())
    headings = table(run("check", tmp_path))[0]
    assert ("Verdict" in headings, "Check" in headings) == (is_summary, not is_summary)
    assert "Check" in table(run("check", tmp_path, "--checks"))[0]
    assert len(records(run("check", tmp_path, "-f", "csv"))) == 5 * count
    page = run("check", tmp_path, "-f", "markdown").out
    assert (f"{count} targets: {count} pass" in page) == is_summary


def test_the_workbook_holds_numbers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "gate.xlsx"
    run("check", "track1", "nowhere.yaml", *PROJECTED, "-f", f"xlsx={path}")
    book = load_workbook(path)
    assert book.sheetnames == ["Summary", "Checks"]
    _, _, headings, first, refused = ([c.value for c in row] for row in book["Summary"].rows)
    row = dict(zip(headings, first, strict=True))
    assert row["Overall MFLOPS"] == pytest.approx(695.9616)
    assert (row["Target"], row["Verdict"]) == ("track1", "pass")
    assert (refused[0], refused[-1]) == ("nowhere.yaml", "error")
    limits = {row[1].value: row[2].value for row in book["Checks"].iter_rows(min_row=4)}
    assert (limits["overall_mflops"], limits["bitrates_kbps"]) == (700, "1 / 6")


def test_the_workbook_holds_several_judgements_as_numbers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "gate.xlsx"
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    run("check", "track2", *limits, "-f", f"xlsx={path}")
    _, _, headings, row = ([c.value for c in row] for row in load_workbook(path)["Summary"].rows)
    found = dict(zip(headings, row, strict=True))
    assert found["Margin %, lrac-2025-track1"] == pytest.approx(100 * (700 - 2576.9472) / 700)
    assert found["Verdict, lrac-2025-track1"] == "fail"
    assert (found["Margin %, lrac-2025-track2"], found["Verdict, lrac-2025-track2"]) == (0, "pass")


def test_a_narrow_table_keeps_the_modes_of_its_rows(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (*PROJECTED, "--rvq", "absorbed", "--bitrate", "1", "--bitrate", "6")
    wide = table(run("check", "track1", *words))[0]
    monkeypatch.setenv("COLUMNS", "60")
    narrow = table(run("check", "track1", *words))[0]
    assert narrow.keys() < wide.keys()
    assert {"Target", "RVQ", "kbps", "Verdict"} <= narrow.keys()


def test_a_summary_asks_for_no_advice(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> list[str]:
        raise AssertionError("advice was sought")

    monkeypatch.setattr(Audit, "remedies", refuse)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    formats = [w for f in ("csv", "markdown", "xlsx") for w in ("-f", f"{f}={tmp_path / f}")]
    found = run("check", "track2", *PROJECTED, "--summary", *formats, "-f", "table")
    assert found.code == 1
    assert "1 target: 1 fail" in (tmp_path / "step.md").read_text(encoding="utf-8")


def test_two_limit_sets_of_one_name_are_refused(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.yaml" for n in (1, 2)]
    for n, path in enumerate(paths, 1):
        path.write_text(f"name: own\nconvention: lrac-2025\noverall_mflops: {n}00\n")
    found = run("check", "track1", "--limits", paths[0], "--limits", paths[1])
    assert (found.code, found.out) == (2, "")
    assert f"{paths[0]}: name: given 'own'; allowed: a name that no other" in found.err


def test_checks_of_several_judgements_name_their_terms(run: Run, tmp_path: Path) -> None:
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    junit = tmp_path / "junit.xml"
    found = run("check", "track1", *limits, "--checks", "-f", "markdown", "-f", f"junit={junit}")
    for n in (1, 2):
        terms = f"(lrac-2025-track{n}; absorbed, 6 kbps, lrac-2025)"
        assert f"## LRAC 2025 Track 1 baseline {terms}: pass" in found.out
        assert f'<testsuite name="track1 {terms}"' in junit.read_text(encoding="utf-8")


def test_the_worst_of_several_verdicts_counts(run: Run) -> None:
    """Track 2 is within its own limits, which come last, and over those of Track 1."""
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    for column, order in (("verdict", ["track2", "track1"]), ("-verdict", ["track1", "track2"])):
        found = run("check", "track1", "track2", *limits, "--summary", "--sort", column)
        assert [row["Target"] for row in table(found)] == order


def test_the_sides_of_a_codec_that_was_measured_whole_are_unknown() -> None:
    row = UP._replace(side="undivided", stage="undivided", delay_samples=None)
    mode = Mode(None, None, None)
    whole = audited(replace(LEDGER, rows=(row,), mode=mode, bitrates_kbps=(), measured=True))
    report = CheckReport([whole], exit_code=3, by_target=True)
    (record,) = report.records()
    assert (record["transmit_mflops"], record["receive_mflops"]) == (None, None)
    assert record["overall_mflops"] == pytest.approx(0.512)  # 2,560 products, 100 times a second
    assert record["total_latency_ms"] is None
    text = TableFormat().render(report).splitlines()[2]
    assert text.split()[2:5] == ["unknown", "unknown", "unknown"]


def test_a_page_shows_what_changed_in_many_targets(run: Run, tmp_path: Path) -> None:
    """Of nine designs one has two taps more, 0.768 MFLOPS; the others are as before."""
    designs = [tmp_path / f"design {n}.yaml" for n in range(MANY_TARGETS + 1)]
    run("convert", "track1", designs[0])
    text = designs[0].read_text(encoding="utf-8")
    for path in designs:
        path.write_text(text, encoding="utf-8")
    baseline = tmp_path / "before.json"
    run("check", tmp_path, "--baseline", baseline, "--update-baseline", "-f", "csv")
    later = text.replace("channels: 8, kernel: 7", "channels: 8, kernel: 9")
    designs[3].write_text(later, encoding="utf-8")
    found = run("check", tmp_path, "--baseline", baseline, "-f", "markdown")
    assert found.code == 1
    page = found.out.replace("\\", "")
    assert page.startswith("## 9 targets: 8 pass, 1 fail\n")
    assert page.count("change since") == 1
    assert f"## {designs[3]}: change since {baseline}\n" in page
    assert "+0.768" in page
