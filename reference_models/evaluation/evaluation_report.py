"""The report on scores, in the layout of Tables 4 and 5 of the LRAC 2025 baseline paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import (
    Heading,
    IllustratedSection,
    PageSection,
    Paragraph,
    Picture,
    ScreenSection,
    Sound,
)
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent
from reference_models.evaluation.columns import COLUMNS

if TYPE_CHECKING:
    from reference_models.evaluation.codec_comparison import ComparedScore
    from reference_models.evaluation.published_scores import PublishedRow
    from reference_models.evaluation.results import Result
    from reference_models.evaluation.samples import Sample
    from reference_models.evaluation.statistics import Interval

SCHEMA_VERSION = 1
NOTE = (
    "In square brackets: 95 % bootstrap intervals over utterances. In round ones behind a "
    "published score: how much more this codec scores."
)


class _Line(NamedTuple):
    """A row of the table: a result, or a published row beside it."""

    codec: str
    condition: str
    bitrate_kbps: float
    files: int | None
    """None in a published row."""
    scores: Mapping[str, float]
    intervals: Mapping[str, Interval]
    differences: Mapping[str, float]
    """Of a published row: the codec's scores minus these."""


@dataclass(frozen=True)
class EvaluationReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """Mean scores of a codec, and scores of others."""

    codec: str
    metrics: Sequence[str]
    results: Sequence[Result]
    published: Sequence[PublishedRow] = ()
    """Those of a condition and bitrate that was evaluated stand beside the result."""
    other: str = ""
    """The codec that this one is compared with, if any."""
    compared: Sequence[ComparedScore] = ()
    samples: Sequence[Sample] = ()
    """Utterances to hear and to see, in formats that can show them."""

    def title(self) -> str:
        """Return the title of the page."""
        return f"Scores of {self.codec}"

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return one line a condition and bitrate, one column a measure, and comparisons."""
        return self._scores()

    def page_sections(self) -> Sequence[PageSection]:
        """Return the same under a heading."""
        return [[Heading(self.title())], *self._scores()]

    def illustrated_sections(self) -> Sequence[IllustratedSection]:
        """Return the same with samples to hear and to see."""
        return [*self._scores(), *map(_sample_section, range(len(self.samples)), self.samples)]

    def _scores(self) -> list[PageSection]:
        return [[self._table(), Paragraph(NOTE)], *self._comparison()]

    def document(self) -> Mapping[str, Any]:
        """Return means, the scores of every utterance, published scores, and comparisons."""
        return {
            "schema_version": SCHEMA_VERSION,
            "codec": self.codec,
            "metrics": {name: {"better": COLUMNS[name].better} for name in self.metrics},
            "results": [self._result_tree(result) for result in self.results],
            "published": [_published_tree(line) for line in self._lines if line.files is None],
            "against": self._against_tree() if self.other else None,
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return the means in full; a score that is missing is None."""
        return [self._record(line) for line in self._lines]

    def _table(self) -> Table:
        columns = [Column("Codec"), Column("Condition"), Column("kbps", right=True)]
        headings = [f"{COLUMNS[name].heading} {_arrow(name)}" for name in self.metrics]
        columns += [Column(heading, right=True) for heading in ("Files", *headings)]
        rows = [
            [
                line.codec,
                line.condition,
                f"{line.bitrate_kbps:g}",
                "" if line.files is None else f"{line.files:,}",
                *(_shown(line, name) for name in self.metrics),
            ]
            for line in self._lines
        ]
        return Table(columns, rows)

    def _comparison(self) -> list[PageSection]:
        """Return the table of two codecs, or nothing where there is one."""
        if not self.other:
            return []
        names = ("kbps", "Measure", "Files", "Difference", "95 % interval", "p")
        columns = [Column("Condition"), *(Column(name, right=True) for name in names)]
        columns[2] = Column("Measure")
        rows = [
            [one.condition, f"{one.bitrate_kbps:g}", COLUMNS[one.metric].heading, *_difference(one)]
            for one in self.compared
        ]
        table = Table([*columns, Column("Verdict")], rows)
        return [[Heading(f"{self.codec} minus {self.other}, on the same utterances"), table]]

    @cached_property
    def _lines(self) -> list[_Line]:
        return list(self._all_lines())

    def _all_lines(self) -> Iterator[_Line]:
        """Yield each result, followed by what was published of its condition and bitrate."""
        from reference_models.evaluation.statistics import mean_interval

        for one in self.results:
            given = {name: one.mean(name) for name in self.metrics}
            means = {name: mean for name, mean in given.items() if mean is not None}
            found = {name: mean_interval(one.values(name)) for name in means}
            intervals = {name: each for name, each in found.items() if each is not None}
            place = one.condition, one.bitrate_kbps
            yield _Line(self.codec, *place, len(one.utterances), means, intervals, {})
            for row in self.published:
                if (row.condition, row.bitrate_kbps) == place:
                    both = [name for name in means if name in row.scores]
                    differences = {name: means[name] - row.scores[name] for name in both}
                    yield _Line(row.codec, *place, None, row.scores, {}, differences)

    def _record(self, line: _Line) -> dict[str, Any]:
        record = {
            "codec": line.codec,
            "condition": line.condition,
            "bitrate_kbps": line.bitrate_kbps,
            "files": line.files,
            **{name: line.scores.get(name) for name in self.metrics},
        }
        for name in self.metrics:
            low, high = line.intervals.get(name, (None, None))
            difference = line.differences.get(name)
            record |= {f"{name}_low": low, f"{name}_high": high, f"{name}_difference": difference}
        return record

    def _result_tree(self, result: Result) -> dict[str, Any]:
        line = next(
            one
            for one in self._lines
            if one.files is not None and one[1:3] == (result.condition, result.bitrate_kbps)
        )
        return {
            "condition": result.condition,
            "bitrate_kbps": result.bitrate_kbps,
            "means": {name: result.mean(name) for name in self.metrics},
            "intervals": {name: each._asdict() for name, each in line.intervals.items()},
            "utterances": [one._asdict() for one in result.utterances],
        }

    def _against_tree(self) -> dict[str, Any]:
        return {"codec": self.other, "compared": [_compared_tree(one) for one in self.compared]}


def _sample_section(number: int, sample: Sample) -> IllustratedSection:
    names = ", ".join(clip.name for clip in sample.clips)
    picture = Picture(
        f"sample-{number}-",
        f"Spectrograms from top to bottom: {names}.",
        f"Spectrograms of {sample.uid}: {names}.",
        sample.spectrograms,
    )
    players = (Sound(clip.name, clip.wav) for clip in sample.clips)
    return [Heading(f"{sample.uid}, {sample.condition}"), *players, picture]


def _published_tree(line: _Line) -> dict[str, Any]:
    tree = line._asdict()
    return {key: tree[key] for key in ("codec", "condition", "bitrate_kbps", "scores")} | {
        "differences": line.differences
    }


def _compared_tree(one: ComparedScore) -> dict[str, Any]:
    interval = one.difference.interval
    return {
        "condition": one.condition,
        "bitrate_kbps": one.bitrate_kbps,
        "metric": one.metric,
        "utterances": one.difference.utterances,
        "mean_difference": one.difference.mean,
        "interval": None if interval is None else interval._asdict(),
        "p_value": one.difference.p_value,
        "verdict": one.verdict,
    }


def _difference(one: ComparedScore) -> list[str]:
    found = one.difference
    interval, p_value = "-", "-"
    if found.interval is not None and found.p_value is not None:
        interval = f"{found.interval.low:+.3f} to {found.interval.high:+.3f}"
        p_value = f"{found.p_value:.2g}"
    return [f"{found.utterances:,}", f"{found.mean:+.3f}", interval, p_value, one.verdict]


def _arrow(name: str) -> str:
    return "(up)" if COLUMNS[name].better == "higher" else "(down)"


def _shown(line: _Line, name: str) -> str:
    mean = line.scores.get(name)
    if mean is None:
        return "-"
    if name in line.intervals:
        low, high = line.intervals[name]
        return f"{mean:.2f} [{low:.2f}, {high:.2f}]"
    if name in line.differences:
        return f"{mean:.2f} ({line.differences[name]:+.2f})"
    return f"{mean:.2f}"
