"""Exact search beside an audit of every design, on random spaces."""

from __future__ import annotations

import pytest

from lrac_audit.auditing.exploring.explore import explore
from lrac_audit.auditing.exploring.objectives import rank_of
from lrac_audit.errors import InputError
from tests.lrac_audit.auditing.exploring.spaces import Case, brute_force, case_near, cases
from tests.sweeps import random_cases, thinned


def check_front(case: Case) -> None:
    """Compare the front of a search with that of an audit of every design."""
    expected = brute_force(case)
    if not expected:
        with pytest.raises(InputError, match=r"none of the|breaks a rule"):
            explore(case.base, case.wishes)
        return
    found = explore(case.base, case.wishes)
    assert found.is_exact
    assert found.decided == found.space.size
    assert [rank_of(one.audit, found.objectives) for one in found.designs] == sorted(expected)


@random_cases(cases(), 8, 100)
def test_spaces_around_random_designs(case: Case) -> None:
    check_front(case)


@pytest.mark.parametrize("seed", thinned(range(10), 10))
@pytest.mark.parametrize(
    "preset", ["track1", "track2", "mimi-24khz", "snac-24khz", "vocodec-24khz"]
)
def test_spaces_around_shipped_designs(preset: str, seed: int) -> None:
    check_front(case_near(preset, seed))
