"""How long it takes to decide 100,000 designs exactly, on one core: at most 30 s.

    pytest tests/benchmarks/test_exploration_speed.py -s

The worst case for bounds are fields that vary together all along the path, since a bound takes each
layer at its own best.
"""

from __future__ import annotations

import statistics

import pytest

from lrac_audit import audit
from lrac_audit.auditing.exploring.explore import Wishes, explore
from tests.benchmarks.timing import spread, work

MOST_SECONDS = 30
ROUNDS = 5
APART = (
    "each encoder.blocks.*.residual.*.convs.0.kernel=3,5",
    "encoder.blocks.*.causal=true,false",
    "each encoder.blocks.3.residual.*.convs.1.kernel=1,3",
    "decoder.output.kernel=15..21:2",
)
TOGETHER = (
    "encoder.blocks.*.convs.0.kernel=1..10",
    "decoder.blocks.*.convs.0.kernel=1..10",
    "encoder.blocks.*.convs.0.dilation=1..10",
    "decoder.blocks.*.convs.0.dilation=1..10",
    "quantizer.codebook_dim=8..12",
    "decoder.output.kernel=15,21",
)
STRIDES = (
    "each encoder.blocks.*.stride=2..5",
    "each decoder.blocks.*.stride=2..5",
    "encoder.blocks.0.residual.0.convs.0.kernel=3,5",
)
OBJECTIVES = {
    2: ("receptive_field", "-overall_mflops"),
    3: ("receptive_field", "-overall_mflops", "-transmit_stored_bytes"),
}


@pytest.mark.parametrize("count", OBJECTIVES)
@pytest.mark.parametrize("vary", [APART, TOGETHER, STRIDES], ids=["apart", "together", "strides"])
def test_a_hundred_thousand_designs(vary: tuple[str, ...], count: int) -> None:
    base, wishes = audit("track1"), Wishes(vary, OBJECTIVES[count])
    found = explore(base, wishes)
    assert found.is_exact
    assert found.space.size >= 100_000
    deciding = work(explore, base, wishes)
    seconds = [deciding() * 100_000 / found.space.size for _ in range(ROUNDS)]
    print(f"\n{found.space.size:,} designs, front of {len(found.designs)}")  # noqa: T201
    print("100,000 designs:", spread(seconds), "s")  # noqa: T201
    assert statistics.median(seconds) < MOST_SECONDS
