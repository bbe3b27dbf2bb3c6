"""Scores in the layout of Tables 4 and 5 of the LRAC 2025 baseline paper."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from lrac_audit.report.text import Column, table
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.scoring import Result

SCHEMA_VERSION = 1


def as_table(codec: str, metrics: Sequence[str], results: Sequence[Result]) -> str:
    """One line a condition and bitrate, one column a measure."""
    headings = [f"{COLUMNS[name].heading} {_arrow(name)}" for name in metrics]
    columns = [Column("Condition"), Column("kbps", right=True), Column("Files", right=True)]
    columns += [Column(heading, right=True) for heading in headings]
    rows = [
        [
            result.condition,
            f"{result.bitrate_kbps:g}",
            f"{len(result.utterances):,}",
            *(_shown(result.mean(name)) for name in metrics),
        ]
        for result in results
    ]
    return f"{codec}\n\n{table(columns, rows)}"


def as_csv(codec: str, metrics: Sequence[str], results: Sequence[Result]) -> str:
    """The means in full, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["codec", "condition", "bitrate_kbps", "files", *metrics])
    for result in results:
        means = ["" if mean is None else mean for mean in map(result.mean, metrics)]
        files = len(result.utterances)
        writer.writerow([codec, result.condition, result.bitrate_kbps, files, *means])
    return text.getvalue()


def as_json(codec: str, metrics: Sequence[str], results: Sequence[Result]) -> str:
    """Means, and the scores of every utterance."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "codec": codec,
        "metrics": {name: {"better": COLUMNS[name].better} for name in metrics},
        "results": [
            {
                "condition": result.condition,
                "bitrate_kbps": result.bitrate_kbps,
                "means": {name: result.mean(name) for name in metrics},
                "utterances": [one._asdict() for one in result.utterances],
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _arrow(name: str) -> str:
    return "(up)" if COLUMNS[name].better == "higher" else "(down)"


def _shown(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:.2f}"
