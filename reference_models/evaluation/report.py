"""Reports of scores in the layout of Tables 4 and 5 of the LRAC 2025 baseline paper."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.published_scores import PublishedRow
from reference_models.evaluation.scoring import Result

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The content of a report."""

    codec: str
    metrics: Sequence[str]
    results: Sequence[Result]
    published: Sequence[PublishedRow] = ()
    """Published rows; those of a condition and bitrate that was evaluated are shown."""

    def lines(self) -> Iterator[tuple[PublishedRow, int | None]]:
        """Yield means, each with its number of files, and published rows, which have none."""
        for one in self.results:
            given = {name: one.mean(name) for name in self.metrics}
            means = {name: mean for name, mean in given.items() if mean is not None}
            row = PublishedRow(self.codec, one.condition, one.bitrate_kbps, means)
            yield row, len(one.utterances)
            yield from ((other, None) for other in self.published if row.stands_beside(other))


def as_table(evaluation: Evaluation, screen: Screen = PLAIN) -> str:
    """Return a table with a row for each condition and bitrate, and a column for each measure."""
    metrics = evaluation.metrics
    headings = [f"{COLUMNS[name].heading} {_arrow(name)}" for name in metrics]
    columns = [Column("Codec"), Column("Condition"), Column("kbps", right=True)]
    columns += [Column(heading, right=True) for heading in ("Files", *headings)]
    rows = [
        [
            row.codec,
            row.condition,
            f"{row.bitrate_kbps:g}",
            "" if files is None else f"{files:,}",
            *(_shown(row.scores.get(name)) for name in metrics),
        ]
        for row, files in evaluation.lines()
    ]
    return screen.table(Table(columns, rows))


def as_csv(evaluation: Evaluation) -> str:
    """Return the means at full precision as CSV, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["codec", "condition", "bitrate_kbps", "files", *evaluation.metrics])
    for row, files in evaluation.lines():
        scores = [row.scores.get(name) for name in evaluation.metrics]  # None leaves a cell empty
        writer.writerow([row.codec, row.condition, row.bitrate_kbps, files, *scores])
    return text.getvalue()


def as_json(evaluation: Evaluation) -> str:
    """Return means, the scores of every utterance, and published scores, as JSON."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "codec": evaluation.codec,
        "metrics": {name: {"better": COLUMNS[name].better} for name in evaluation.metrics},
        "results": [
            {
                "condition": result.condition,
                "bitrate_kbps": result.bitrate_kbps,
                "means": {name: result.mean(name) for name in evaluation.metrics},
                "utterances": [one._asdict() for one in result.utterances],
            }
            for result in evaluation.results
        ],
        "published": [row._asdict() for row, files in evaluation.lines() if files is None],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _arrow(name: str) -> str:
    return "(up)" if COLUMNS[name].better == "higher" else "(down)"


def _shown(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:.2f}"
