"""The layout of the paper's tables, with scores that are known."""

import csv
import io
import json

from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.json_format import JsonFormat
from lrac_audit.report.formats.table_format import TableFormat
from reference_models.evaluation.evaluation_report import EvaluationReport
from reference_models.evaluation.published_scores import PublishedRow
from reference_models.evaluation.scoring import Result, Scored

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
    assert TableFormat().render(EVALUATION).splitlines() == [
        "Codec      Condition  kbps  Files  SCOREQ ref (down)  PESQ (up)",
        "---------------------------------------------------------------",
        "a, codec   clean         1      2               0.50       1.38",
        "a, codec   noisy         6      1                  -          -",
        "the paper  noisy         6                         -       1.50",
    ]


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
