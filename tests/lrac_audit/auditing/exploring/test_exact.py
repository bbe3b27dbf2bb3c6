"""Exact search beside an audit of every design, on random spaces."""

from __future__ import annotations

from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.auditing.exploring import explore as explore_module
from lrac_audit.auditing.exploring.explore import Wishes, explore
from lrac_audit.auditing.exploring.objectives import rank_of
from lrac_audit.auditing.exploring.parallel import Found, Question, search
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


TIED = Wishes(
    ["encoder.blocks.*.convs.0.kernel=3,5", "encoder.blocks.*.convs.0.dilation=1,3,9"],
    ["receptive_field", "-overall_mflops", "-transmit_state_bytes"],
)


def test_fields_that_vary_together_all_along_the_path() -> None:
    check_front(Case(audit("track1"), TIED))


PIECES = ["encoder.blocks.0.down.kernel=2,3,6", "encoder.input.kernel=7,99"]
RUNS = ["encoder.blocks.*.convs.0.kernel=3,9", "encoder.blocks.*.convs.0.dilation=1,3"]


@pytest.mark.parametrize(
    ("vary", "front"),
    [
        pytest.param(PIECES, [(3, 7), (6, 7)], id="pieces"),
        pytest.param(RUNS, [(3, 3)], id="runs"),
        pytest.param(["quantizer.codebook_size=1024,1025"], [(1024,)], id="11 bits are 1.1 kbps"),
    ],
)
def test_sums_and_rules_of_pieces_decide_alone(
    monkeypatch: pytest.MonkeyPatch, vary: list[str], front: list[tuple[int, ...]]
) -> None:
    """No second search, which audits every design at once, is needed to keep limits and rules."""
    asked = []

    def search_noted(question: Question, *options: Any) -> Found:
        asked.append(question.is_judged)
        return search(question, *options)

    monkeypatch.setattr(explore_module, "search", search_noted)
    objectives = ["-overall_mflops", "receptive_field", "parameters"]
    found = explore(audit("track1"), Wishes(vary, objectives))
    assert [one.values for one in found.designs] == front
    assert asked == [False]
