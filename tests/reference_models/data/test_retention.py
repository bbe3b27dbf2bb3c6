"""Table 1 of the paper, from manifests whose hours are known."""

import csv
import io
import json
from pathlib import Path

import pytest

from reference_models.data import retention
from reference_models.data.manifest import Entry, Manifest


def manifest(*durations_h):
    entries = (
        Entry(str(i), Path("x"), None, 3600.0 * h, 24_000) for i, h in enumerate(durations_h)
    )
    return Manifest("m", tuple(entries))


ROWS = retention.retention(
    [
        ("LibriTTS", manifest(100.25, 91.05), manifest(46.4)),
        ("EARS", manifest(86.7, 1000), manifest(86.7, 1000)),
    ]
)


def test_hours_and_retention():
    """46.4 of 191.3 h are 24.3 %; 1,133.1 of 1,278 h are 88.7 %."""
    lines = retention.as_table(ROWS).splitlines()
    assert lines[0].split("  ")[0] == "Dataset"
    assert [line.split() for line in lines[2:]] == [
        ["LibriTTS", "46.4", "191.3", "24.3%"],
        ["EARS", "1,086.7", "1,086.7", "100.0%"],
        ["total", "1,133.1", "1,278.0", "88.7%"],
    ]


def test_csv_and_json_have_the_same_figures():
    rows = list(csv.DictReader(io.StringIO(retention.as_csv(ROWS))))
    datasets = json.loads(retention.as_json(ROWS))["datasets"]
    assert [row["dataset"] for row in rows] == ["LibriTTS", "EARS", "total"]
    for row, dataset in zip(rows, datasets, strict=True):
        assert {k: float(v) for k, v in row.items() if k != "dataset"} == {
            k: v for k, v in dataset.items() if k != "dataset"
        }
    assert datasets[0]["retention"] == pytest.approx(46.4 / 191.3)
