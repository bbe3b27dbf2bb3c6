"""Bootstrap intervals and paired tests, against plain counting."""

import math

import numpy as np
import pytest

from reference_models.evaluation.codec_comparison import ComparedScore
from reference_models.evaluation.statistics import mean_interval, paired_difference


def test_an_interval_is_that_of_the_normal_approximation_where_that_holds():
    """For 400 values: mean and 1.96 standard errors on each side, within what resampling adds."""
    values = np.random.default_rng(1).normal(2.0, 0.5, 400)
    low, high = mean_interval(list(values))
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


@pytest.mark.sweep
def test_nineteen_of_twenty_intervals_hold_the_mean():
    """Of 400 intervals of 30 skewed values, 95 % hold it; BCa is known to lose a few there."""
    rng = np.random.default_rng(2)
    found = [mean_interval(list(rng.gamma(4, 0.25, 30))) for _ in range(400)]
    share = np.mean([each.low <= 1 <= each.high for each in found])
    assert 0.90 < share < 0.98


def test_values_that_show_no_spread():
    assert mean_interval([1.5]) is None
    assert mean_interval([1.5, 1.5, 1.5]) == (1.5, 1.5)


def test_a_paired_test_counts_the_signs_that_are_as_extreme():
    """Of the 2 ** 6 signs of six equal differences, two give so large a mean: p = 2 / 64."""
    found = paired_difference([2.0] * 6, [1.5] * 6)
    assert found.mean == 0.5 and found.interval == (0.5, 0.5)
    assert found.p_value == pytest.approx(2 / 64)


def test_utterances_that_differ_more_than_codecs_hide_no_difference():
    """Paired, 0.1 is seen under a spread of 1 between utterances."""
    rng = np.random.default_rng(3)
    hard = rng.normal(2, 1, 50)
    found = paired_difference(list(hard + 0.1 + rng.normal(0, 0.05, 50)), list(hard))
    assert found.is_significant and found.p_value < 0.01
    assert ComparedScore("clean", 6, "pesq", found).verdict == "better"
    assert ComparedScore("clean", 6, "scoreq_ref", found).verdict == "worse"


def test_equal_codecs_are_not_shown_to_differ():
    found = paired_difference([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (found.mean, found.p_value, found.is_significant) == (0, 1, False)
    assert ComparedScore("clean", 6, "pesq", found).verdict == "not shown to differ"
