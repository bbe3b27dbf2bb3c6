"""Exact search beside an audit of every design, on random spaces."""

from __future__ import annotations

import pytest

from lrac_audit.auditing.exploring.explore import explore
from lrac_audit.auditing.exploring.objectives import rank_of
from lrac_audit.errors import InputError
from tests.lrac_audit.auditing.exploring.spaces import Case, brute_force, cases
from tests.sweeps import random_cases


@random_cases(cases(), 6, 100)
def test_the_front_is_that_of_an_audit_of_every_design(case: Case) -> None:
    expected = brute_force(case)
    if not expected:
        with pytest.raises(InputError, match=r"none of the|breaks a rule"):
            explore(case.base, case.wishes)
        return
    found = explore(case.base, case.wishes)
    assert found.is_exact
    assert found.decided == found.space.size
    assert [rank_of(one.audit, found.objectives) for one in found.designs] == sorted(expected)
