"""Search for the thresholds that best reproduce a list of kept files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reference_models.corpus.measurement import Measurement
from reference_models.corpus.thresholds import Kind, Threshold

SEARCHED: tuple[tuple[str, Kind], ...] = (
    ("snr_db", "min"),
    ("srmr", "min"),
    ("decay_s", "max"),
    ("bandwidth_hz", "min"),
    ("active_share", "min"),
    ("clipped_share", "max"),
    ("level_dbfs", "min"),
)
"""Measures on which a threshold is looked for, and of which kind."""

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


class Fit(NamedTuple):
    """How well thresholds reproduce a list."""

    thresholds: tuple[Threshold, ...]
    kept: int
    """Files that keep the thresholds."""
    listed: int
    """Files on the list."""
    both: int
    """Files that keep the thresholds and are on the list."""

    @property
    def precision(self) -> float:
        """Share of the kept files that are on the list."""
        return self.both / self.kept if self.kept else 0.0

    @property
    def recall(self) -> float:
        """Share of the files on the list that are kept."""
        return self.both / self.listed

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.both / (self.kept + self.listed)


def fit_thresholds(rows: Sequence[Measurement], listed: Sequence[bool]) -> Fit:
    """Return the thresholds with the largest F1 on ``rows``, of which some are ``listed``.

    The search begins with none. Each step sets the one threshold that gains most to its best value
    beside the others, half-way between two files, or drops one without which F1 is no smaller. The
    result is a local optimum.
    """
    search = _Search(rows, np.array(listed, np.bool_))
    return search.fit(search.improved(np.full(len(SEARCHED), -np.inf)))


class _Search:
    """Search over cuts: a file is kept if no value is below its cut; largest values are negated."""

    def __init__(self, rows: Sequence[Measurement], listed: Mask) -> None:
        self.listed = listed
        self.values = [_values(rows, measure, kind) for measure, kind in SEARCHED]

    def kept(self, cuts: Values) -> Mask:
        masks = [values >= cut for values, cut in zip(self.values, cuts, strict=True)]
        return np.asarray(np.logical_and.reduce(masks))

    def fit(self, cuts: Values) -> Fit:
        """Return the thresholds that ``cuts`` stand for, and how well they reproduce the list."""
        kept = self.kept(cuts)
        thresholds = (
            Threshold(measure, kind, float(cut if kind == "min" else -cut))
            for (measure, kind), cut in zip(SEARCHED, cuts, strict=True)
            if np.isfinite(cut)
        )
        counts = (kept.sum(), self.listed.sum(), (kept & self.listed).sum())
        return Fit(tuple(thresholds), *map(int, counts))

    def improved(self, cuts: Values) -> Values:
        """Return ``cuts`` after the search from them."""
        while True:
            trials = [self._with_best_cut(cuts, index) for index in range(len(cuts))]
            best = max(trials, key=self._merit)
            if self._merit(best) <= self._merit(cuts):
                return cuts
            cuts = best

    def _merit(self, cuts: Values) -> tuple[float, int]:
        """Return what the search makes larger: F1, then the number of measures without a cut."""
        return self.fit(cuts).f1, int(np.isinf(cuts).sum())

    def _with_best_cut(self, cuts: Values, index: int) -> Values:
        """Return ``cuts`` with the best one of the measure at ``index`` beside the others."""
        changed = cuts.copy()
        changed[index] = self._best_cut(cuts, index)
        return changed

    def _best_cut(self, cuts: Values, index: int) -> float:
        """Return the best cut of one measure beside the others, half-way between two values."""
        others = cuts.copy()
        others[index] = -np.inf
        candidates = self.kept(others)
        values, listed = self.values[index][candidates], self.listed[candidates]
        order = np.argsort(values)
        values, listed = values[order], listed[order]
        first = 1 + np.flatnonzero((values[1:] > values[:-1]) & np.isfinite(values[1:]))
        if not len(first):  # all values are the same or missing
            return -np.inf
        both = np.cumsum(listed[::-1])[::-1]
        f1 = 2 * both[first] / (len(values) - first + self.listed.sum())
        if f1.max() <= 2 * both[0] / (len(values) + self.listed.sum()):
            return -np.inf
        best = int(first[np.argmax(f1)])
        below = values[best - 1]
        return float((below + values[best]) / 2 if np.isfinite(below) else values[best])


def _values(rows: Sequence[Measurement], measure: str, kind: Kind) -> Values:
    """Return the measure of each row, so that more is better.

    A missing one is below every smallest value and within every largest, as thresholds take it.
    """
    sign, missing = (1.0, -np.inf) if kind == "min" else (-1.0, np.inf)
    values = (getattr(row, measure) for row in rows)
    return np.array([missing if value is None else sign * value for value in values])
