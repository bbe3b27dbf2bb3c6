"""Scores of earlier evaluations, which anybody may have written."""

import pytest

from lrac_audit.errors import InputError
from reference_models.evaluation.saved_evaluation import finite_scores


def test_scores_of_unknown_measures_are_left_out():
    assert finite_scores({"pesq": 2, "my_own": "much"}, "old.json") == {"pesq": 2.0}


@pytest.mark.parametrize("score", [float("nan"), float("-inf"), 10**400, True, "2.5", None])
def test_a_score_is_a_finite_number(score):
    with pytest.raises(InputError, match=r"^old\.json: pesq: given .*; allowed: a finite number$"):
        finite_scores({"pesq": score}, "old.json")
