"""Confidence of mean scores: bootstrap intervals over utterances, alone and for two codecs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 4999
"""Samples drawn for an interval, and at most for a test; a fixed seed makes them repeatable."""
SEED = 0


class Interval(NamedTuple):
    """An interval that holds a mean with a confidence of 95 %."""

    low: float
    high: float


class Difference(NamedTuple):
    """How much more one codec scores than another on the same utterances."""

    utterances: int
    mean: float
    interval: Interval | None
    """Of the mean difference; None for a single utterance."""
    p_value: float | None
    """Of a paired permutation test, two-sided; None for a single utterance."""

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Return the bias-corrected, accelerated bootstrap interval (Efron 1987) of the mean.

    None for fewer than two values, which show no spread.
    """
    if len(values) < 2:
        return None
    if min(values) == max(values):
        return Interval(values[0], values[0])
    from scipy.stats import bootstrap

    found = bootstrap(
        (np.asarray(values),),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Return the difference of two codecs' scores of the same utterances, in the same order.

    Raises:
        ValueError: there are none, or not equally many.
    """
    differences = [one - other for one, other in zip(first, second, strict=True)]
    if not differences:
        raise ValueError("no utterance in common")
    mean = float(np.mean(differences))
    interval = mean_interval(differences)
    p_value = None if interval is None else _p_value(differences)
    return Difference(len(differences), mean, interval, p_value)


def _p_value(differences: Sequence[float]) -> float:
    """Return how likely so large a mean is if each difference may have either sign."""
    if not any(differences):
        return 1.0
    from scipy.stats import permutation_test

    values = np.asarray(differences)
    found = permutation_test(
        (values, np.zeros_like(values)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)
