"""Table 1 of the paper, from manifests whose hours are known."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.json_format import JsonFormat
from lrac_audit.report.formats.table_format import TableFormat
from reference_models.data.manifest import Entry, Labels, Manifest
from reference_models.data.published_retention import paper_retention
from reference_models.data.retention import retention, retention_by_label, with_total
from reference_models.data.retention_report import RetentionReport


def manifest(*durations_h):
    entries = (
        Entry(str(i), Path("x"), None, 3600.0 * h, 24_000) for i, h in enumerate(durations_h)
    )
    return Manifest("m", tuple(entries))


REPORT = RetentionReport(
    with_total(
        [
            retention("LibriTTS", manifest(100.25, 91.05), manifest(46.4)),
            retention("EARS", manifest(86.7, 1000), manifest(86.7, 1000)),
        ]
    )
)


def test_hours_and_retention():
    """46.4 of 191.3 h are 24.3 %; 1,133.1 of 1,278 h are 88.7 %."""
    lines = TableFormat().render(REPORT).splitlines()
    assert lines[0].split("  ")[0] == "Dataset"
    assert [line.split() for line in lines[2:]] == [
        ["LibriTTS", "46.4", "191.3", "24.3%"],
        ["EARS", "1,086.7", "1,086.7", "100.0%"],
        ["total", "1,133.1", "1,278.0", "88.7%"],
    ]


def test_csv_and_json_have_the_same_figures():
    rows = list(csv.DictReader(io.StringIO(CsvFormat().render(REPORT))))
    datasets = json.loads(JsonFormat().render(REPORT))["datasets"]
    assert [row["dataset"] for row in rows] == ["LibriTTS", "EARS", "total"]
    for row, dataset in zip(rows, datasets, strict=True):
        assert {k: float(v) for k, v in row.items() if k != "dataset"} == {
            k: v for k, v in dataset.items() if k != "dataset"
        }
    assert datasets[0]["retention"] == pytest.approx(46.4 / 191.3)


def test_the_published_table_to_the_digit():
    """The paper's total and shares, from its own hours: 46.3 of 191.3 h are 24.20 %."""
    rows = paper_retention()
    hours = [(Decimal(row.kept_hours), Decimal(row.original_hours)) for row in rows]
    assert len(rows) == 7 and rows[-1].kept_hours == "702.7"
    assert tuple(map(sum, zip(*hours[:-1], strict=True))) == hours[-1]
    for (kept, original), row in zip(hours, rows, strict=True):
        assert (100 * kept / original).quantize(Decimal("0.01")) == Decimal(row.retention_percent)


def test_the_paper_stands_beside():
    """Rows of the same name share a line, also without parentheses."""
    lines = with_total(
        [
            retention("librivox", manifest(300), manifest(75)),
            retention("mine", manifest(10), manifest(5)),
        ]
    )
    report = RetentionReport(lines, paper_retention())
    assert [line.split() for line in TableFormat().render(report).splitlines()[2:]] == [
        ["librivox", "75.0", "300.0", "25.0%", "85.3", "313.9", "27.17%"],
        ["mine", "5.0", "10.0", "50.0%"],
        ["total", "80.0", "310.0", "25.8%", "702.7", "1641.7", "42.80%"],
    ]
    datasets = {row["dataset"]: row for row in report.records()}
    assert datasets["mine"]["paper_kept_hours"] is None
    assert datasets["librivox"]["paper_retention_percent"] == 27.17


def test_the_paper_alone():
    report = RetentionReport([], paper_retention())
    cells = [line.split() for line in TableFormat().render(report).splitlines()[2:]]
    assert cells[0] == ["LibriTTS", "46.3", "191.3", "24.20%"] and len(cells) == 7
    assert all(row["kept_hours"] is None for row in report.records())


def test_hours_by_data_set_and_language():
    def labelled(*rows):
        return Manifest(
            "m",
            tuple(
                Entry(str(i), Path("x"), None, 3600.0 * hours, 24_000, Labels(dataset, language))
                for i, (dataset, language, hours) in enumerate(rows)
            ),
        )

    original = labelled(("MLS", "fr", 3), ("MLS", "de", 4), ("MLS", "fr", 1), ("VCTK", "", 2))
    kept = labelled(("MLS", "fr", 3), ("VCTK", "", 1))
    assert retention_by_label(original, kept) == [
        ("MLS (de)", 0, 4),
        ("MLS (fr)", 3, 4),
        ("VCTK", 1, 2),
    ]
