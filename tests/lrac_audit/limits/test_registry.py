"""Every bound of a limit set has a kind, under its own name, that checks it."""

from dataclasses import replace

import pytest

from lrac_audit import audit
from lrac_audit.limits.limit_set import BOUNDS, LimitSet, load_limits
from lrac_audit.limits.registry import LIMIT_KINDS

ONE_BOUND = {
    "overall_mflops": 700,
    "receive_mflops": 300,
    "total_latency_ms": 30,
    "sample_rate_hz": 24_000,
    "bitrates_kbps": (1.0, 6.0),
    "overall_mmacs_per_s": 350,
    "sample_rates_hz": (16_000, 24_000),
    "parameters_millions": 2,
    "stored_bytes": 8_000_000,
    "transmit_stored_bytes": 6_000_000,
    "receive_stored_bytes": 6_000_000,
    "state_bytes": 200_000,
    "transmit_state_bytes": 100_000,
    "receive_state_bytes": 100_000,
    "scratch_bytes": 30_000,
    "transmit_scratch_bytes": 30_000,
    "receive_scratch_bytes": 30_000,
    "frame_multiple_ms": 5,
}
"""The limits of Track 1, as the challenge states them, and others that its baseline keeps."""


def test_every_bound_has_a_kind():
    assert sorted(LIMIT_KINDS) == sorted(BOUNDS) == sorted(ONE_BOUND)


@pytest.mark.parametrize("bound", ONE_BOUND)
def test_a_limit_set_of_one_bound_makes_one_check(bound):
    limits = LimitSet(name="one", convention="lrac-2025", **{bound: ONE_BOUND[bound]})
    (check,) = audit("track1", limits=limits).verdict.checks
    assert (check.id, check.limit, check.status) == (bound, ONE_BOUND[bound], "pass")


def test_a_bound_that_is_left_out_is_not_checked():
    limits = replace(load_limits("lrac-2025-track1"), sample_rate_hz=None, bitrates_kbps=())
    ids = [check.id for check in audit("track1", limits=limits).verdict.checks]
    assert ids == ["overall_mflops", "receive_mflops", "total_latency_ms"]
