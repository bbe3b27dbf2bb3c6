"""The report on scores, in the layout of Tables 4 and 5 of the LRAC 2025 baseline paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection
from lrac_audit.report.content import DocumentContent, RecordContent, ScreenContent
from reference_models.evaluation.columns import COLUMNS

if TYPE_CHECKING:
    from reference_models.evaluation.published_scores import PublishedRow
    from reference_models.evaluation.scoring import Result

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class EvaluationReport(ScreenContent, DocumentContent, RecordContent):
    """Mean scores of a codec, and scores that others published."""

    codec: str
    metrics: Sequence[str]
    results: Sequence[Result]
    published: Sequence[PublishedRow] = ()
    """Those of a condition and bitrate that was evaluated stand beside the result."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return one line a condition and bitrate, one column a measure."""
        columns = [Column("Codec"), Column("Condition"), Column("kbps", right=True)]
        headings = [f"{COLUMNS[name].heading} {_arrow(name)}" for name in self.metrics]
        columns += [Column(heading, right=True) for heading in ("Files", *headings)]
        rows = [
            [
                row.codec,
                row.condition,
                f"{row.bitrate_kbps:g}",
                "" if files is None else f"{files:,}",
                *(_shown(row.scores.get(name)) for name in self.metrics),
            ]
            for row, files in self._lines()
        ]
        return [[Table(columns, rows)]]

    def document(self) -> Mapping[str, Any]:
        """Return means, the scores of every utterance, and published scores."""
        return {
            "schema_version": SCHEMA_VERSION,
            "codec": self.codec,
            "metrics": {name: {"better": COLUMNS[name].better} for name in self.metrics},
            "results": [self._result_tree(result) for result in self.results],
            "published": [row._asdict() for row, files in self._lines() if files is None],
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return the means in full; a score that is missing is None."""
        return [
            {
                "codec": row.codec,
                "condition": row.condition,
                "bitrate_kbps": row.bitrate_kbps,
                "files": files,
                **{name: row.scores.get(name) for name in self.metrics},
            }
            for row, files in self._lines()
        ]

    def _lines(self) -> Iterator[tuple[PublishedRow, int | None]]:
        """Yield means and published rows in one form, with the number of files of the former."""
        from reference_models.evaluation.published_scores import PublishedRow

        for one in self.results:
            given = {name: one.mean(name) for name in self.metrics}
            means = {name: mean for name, mean in given.items() if mean is not None}
            row = PublishedRow(self.codec, one.condition, one.bitrate_kbps, means)
            yield row, len(one.utterances)
            yield from ((other, None) for other in self.published if row.stands_beside(other))

    def _result_tree(self, result: Result) -> dict[str, Any]:
        return {
            "condition": result.condition,
            "bitrate_kbps": result.bitrate_kbps,
            "means": {name: result.mean(name) for name in self.metrics},
            "utterances": [one._asdict() for one in result.utterances],
        }


def _arrow(name: str) -> str:
    return "(up)" if COLUMNS[name].better == "higher" else "(down)"


def _shown(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:.2f}"
