"""Every case by both bounds: the upper one exact, the lower one never above it."""

from __future__ import annotations

import pytest

from lrac_audit.witness.latency import measure
from tests.lrac_audit.witness.latency.cases import (
    alignment,
    chunks,
    look_ahead,
    rare_frames,
    unequal_steps,
    whole_clip,
)
from tests.lrac_audit.witness.latency.cases.case import Case
from tests.sweeps import thinned

KINDS = (unequal_steps, chunks, rare_frames, alignment, look_ahead, whole_clip)
CASES = [case for kind in KINDS for case in kind.cases()]


def test_there_are_many_cases_and_each_has_its_own_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 120


@pytest.mark.parametrize("case", thinned(CASES, 5), ids=lambda case: case.name)
def test_a_case(case: Case) -> None:
    found = measure(case.make())
    assert found.total_samples == case.total_samples
    assert case.proved is None or found.proved == case.proved
    if found.lower_total_samples is not None and found.total_samples is not None:
        assert found.lower_total_samples <= found.total_samples
    for side in (found.transmit, found.receive):
        if side is not None and side.look_ahead_samples is not None:
            added = sum(part.added_samples for part in side.attribution)
            assert added == side.look_ahead_samples
    if case.total_samples is None:
        sides = [side for side in (found.transmit, found.receive) if side is not None]
        assert any(side.whole_clip for side in sides)
