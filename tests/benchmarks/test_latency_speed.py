"""How long it takes to measure a delay by both bounds, the quantizer included.

On Track 2 it is at most 1.5 s, its share of the 5 s of ``audit track2 --verify``, on a machine with
nothing else to do. Run with ``pytest tests/benchmarks/test_latency_speed.py``.
"""

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.witness.latency import measure
from reference_models.audit.adapter import adapt
from tests.benchmarks.timing import ratio_of, work
from tests.reference_models.nn.filling import filled_codec

MAX_MEDIAN_S = {"track2": 1.5}
MOST_SECONDS_OF_AUDIO = 29
"""Seconds of audio that both sides code in the same time."""


@pytest.fixture(params=["track1", "track2"])
def track(request):
    return request.param


def test_a_baseline(benchmark, track):
    target = adapt(filled_codec(load_design(track).design, 0))
    found = benchmark.pedantic(measure, (target, target.modes[-1]), rounds=5, warmup_rounds=1)
    assert found.proved
    if track in MAX_MEDIAN_S:
        assert benchmark.stats.stats.median <= MAX_MEDIAN_S[track]


@pytest.mark.usefixtures("one_thread")
def test_a_baseline_beside_coding_a_second(track):
    codec = filled_codec(load_design(track).design, 0)
    target = adapt(codec)
    audio = 0.1 * torch.randn(1, 1, 24_000)

    def both_bounds():
        assert measure(target, target.modes[-1]).proved

    coding = work(lambda: codec.decode(codec.encode(audio)))
    assert ratio_of(work(both_bounds), coding, rounds=5) < MOST_SECONDS_OF_AUDIO
