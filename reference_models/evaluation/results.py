"""Scores of a codec: those of every utterance, by condition and bitrate."""

from __future__ import annotations

import math
from typing import NamedTuple


class Scored(NamedTuple):
    """The scores of one utterance at one bitrate."""

    uid: str
    bits: int | None
    """Bits of the coded file without its header; None where the codec was not run here."""
    scores: dict[str, float]
    """Scores by measure, without those that do not apply."""
    missing: dict[str, str]
    """Reasons for missing scores, by measure."""


class Result(NamedTuple):
    """The result of a condition at a bitrate."""

    condition: str
    bitrate_kbps: float
    utterances: tuple[Scored, ...]

    def values(self, metric: str) -> list[float]:
        """Return the scores of the utterances that have one."""
        return [one.scores[metric] for one in self.utterances if metric in one.scores]

    def mean(self, metric: str) -> float | None:
        """Return the mean over the utterances that have a score; None if none has."""
        values = self.values(metric)
        return math.fsum(values) / len(values) if values else None
