"""The layout of the paper's tables, with scores that are known."""

import csv
import io
import json

import pytest

from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.json_format import JsonFormat
from lrac_audit.report.formats.table_format import TableFormat
from reference_models.evaluation.evaluation_report import EvaluationReport
from reference_models.evaluation.published_scores import PublishedRow
from reference_models.evaluation.results import Result, Scored

RESULTS = [
    Result(
        "clean",
        1.0,
        (
            Scored("a", 1000, {"pesq": 1.25, "scoreq_ref": 0.5}, {}),
            Scored("b", 1000, {"pesq": 1.5}, {"scoreq_ref": "silence"}),
        ),
    ),
    Result("noisy", 6.0, (Scored("a", 6000, {}, {"pesq": "silence", "scoreq_ref": "silence"}),)),
]
NAMES = ["scoreq_ref", "pesq"]
PUBLISHED = [
    PublishedRow("the paper", "noisy", 6.0, {"pesq": 1.5}),
    PublishedRow("the paper", "noisy", 1.0, {"pesq": 1.0}),
]
EVALUATION = EvaluationReport("a, codec", NAMES, RESULTS, PUBLISHED)


def test_table():
    assert TableFormat().render(EVALUATION).splitlines()[:5] == [
        "Codec      Condition  kbps  Files  SCOREQ ref (down)          PESQ (up)",
        "-----------------------------------------------------------------------",
        "a, codec   clean         1      2               0.50  1.38 [1.25, 1.50]",
        "a, codec   noisy         6      1                  -                  -",
        "the paper  noisy         6                         -               1.50",
    ]


def test_a_published_score_has_the_difference_behind_it():
    published = [PublishedRow("the paper", "clean", 1.0, {"pesq": 1.5, "scoreq_ref": 0.4})]
    report = EvaluationReport("a", NAMES, RESULTS[:1], published)
    (line,) = (one for one in TableFormat().render(report).splitlines() if "the paper" in one)
    # 0.5 and (1.25 + 1.5) / 2 = 1.375, less what was published
    assert line.endswith("0.40 (+0.10)       1.50 (-0.12)")
    assert report.document()["published"][0]["differences"] == {
        "scoreq_ref": pytest.approx(0.1),
        "pesq": -0.125,
    }
    assert report.records()[1]["pesq_difference"] == -0.125
    assert report.records()[0]["pesq_low"] == 1.25


def test_csv():
    rows = list(csv.DictReader(io.StringIO(CsvFormat().render(EVALUATION))))
    assert [row["codec"] for row in rows] == ["a, codec", "a, codec", "the paper"]
    assert [(row["condition"], row["bitrate_kbps"], row["files"]) for row in rows] == [
        ("clean", "1.0", "2"),
        ("noisy", "6.0", "1"),
        ("noisy", "6.0", ""),
    ]
    assert [(row["scoreq_ref"], row["pesq"]) for row in rows] == [
        ("0.5", "1.375"),
        ("", ""),
        ("", "1.5"),
    ]


def test_json_has_every_utterance():
    document = json.loads(JsonFormat().render(EVALUATION))
    assert document["schema_version"] == 1
    assert document["metrics"] == {"scoreq_ref": {"better": "lower"}, "pesq": {"better": "higher"}}
    clean, noisy = document["results"]
    assert clean["means"] == {"scoreq_ref": 0.5, "pesq": 1.375}
    assert noisy["means"] == {"scoreq_ref": None, "pesq": None}
    assert clean["utterances"][1] == {
        "uid": "b",
        "bits": 1000,
        "scores": {"pesq": 1.5},
        "missing": {"scoreq_ref": "silence"},
    }
