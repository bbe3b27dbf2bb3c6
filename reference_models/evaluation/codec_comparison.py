"""Comparison of two codecs by their scores of the same utterances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.results import Result
from reference_models.evaluation.statistics import Difference, paired_difference


class ComparedScore(NamedTuple):
    """One measure of two codecs at one condition and bitrate."""

    condition: str
    bitrate_kbps: float
    metric: str
    difference: Difference
    """The first codec minus the second."""

    @property
    def verdict(self) -> str:
        """Say whether the first codec is better, worse, or not shown to differ."""
        if not self.difference.is_significant:
            return "not shown to differ"
        is_higher = self.difference.mean > 0
        return "better" if is_higher == (COLUMNS[self.metric].better == "higher") else "worse"


def compared_scores(
    results: Sequence[Result], others: Sequence[Result], metrics: Sequence[str], source: str
) -> list[ComparedScore]:
    """Return every measure that both codecs have at one condition and bitrate.

    Raises:
        InputError: they have none, or no utterance, in common; ``source`` names the other's file.
    """
    found = []
    for result in results:
        for other in others:
            if result[:2] == other[:2]:
                found += _compared(result, other, metrics)
    if found:
        return found
    given = ", ".join(sorted({f"{one.condition} at {one.bitrate_kbps:g} kbps" for one in others}))
    allowed = "a condition, a bitrate, a measure and utterances that were evaluated here too"
    raise InputError(source, [Problem("", given or "no results", allowed)])


def _compared(result: Result, other: Result, metrics: Sequence[str]) -> list[ComparedScore]:
    scores = {one.uid: one.scores for one in other.utterances}
    found = []
    for metric in metrics:
        pairs = [
            (one.scores[metric], scores[one.uid][metric])
            for one in result.utterances
            if metric in one.scores and metric in scores.get(one.uid, ())
        ]
        if pairs:
            first, second = zip(*pairs, strict=True)
            difference = paired_difference(first, second)
            found.append(ComparedScore(*result[:2], metric, difference))
    return found
