"""Table 1 of the paper, from manifests whose hours are known."""

import csv
import io
import json
from pathlib import Path

import pytest

from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.json_format import JsonFormat
from lrac_audit.report.formats.table_format import TableFormat
from reference_models.data.manifest import Entry, Manifest
from reference_models.data.retention import retention
from reference_models.data.retention_report import RetentionReport


def manifest(*durations_h):
    entries = (
        Entry(str(i), Path("x"), None, 3600.0 * h, 24_000) for i, h in enumerate(durations_h)
    )
    return Manifest("m", tuple(entries))


REPORT = RetentionReport(
    retention(
        [
            ("LibriTTS", manifest(100.25, 91.05), manifest(46.4)),
            ("EARS", manifest(86.7, 1000), manifest(86.7, 1000)),
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
