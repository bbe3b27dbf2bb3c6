"""How long the latency probe takes, the quantizer included: Track 2 at most 1.5 s.

That is its share of the 5 s of ``audit track2 --verify``, which does not ask for the past, on a
machine with nothing else to do.
Run with ``pytest tests/benchmarks/test_probe_speed.py``.
"""

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.witness.latency import measure
from reference_models.audit.adapter import adapt
from tests.benchmarks.timing import ratio_of, work
from tests.reference_models.nn.filling import filled_codec

MAX_MEDIAN_S = {"track2": 1.5}
MOST_SECONDS_OF_AUDIO = {False: 10.5, True: 14}
"""Seconds of audio that both sides code in the same time, by whether the past is probed too."""


@pytest.fixture(params=["track1", "track2"])
def track(request):
    return request.param


@pytest.mark.parametrize("with_past", [False, True])
def test_a_baseline(benchmark, track, with_past):
    target = adapt(filled_codec(load_design(track).design, 0))
    arguments = (target, target.modes[-1]), {"with_past": with_past}
    found = benchmark.pedantic(measure, *arguments, rounds=5, warmup_rounds=1)
    assert found.confirmed
    if track in MAX_MEDIAN_S and not with_past:
        assert benchmark.stats.stats.median <= MAX_MEDIAN_S[track]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("with_past", [False, True])
def test_a_baseline_beside_coding_a_second(track, with_past):
    codec = filled_codec(load_design(track).design, 0)
    target = adapt(codec)
    audio = 0.1 * torch.randn(1, 1, 24_000)

    def probe():
        assert measure(target, target.modes[-1], with_past=with_past).confirmed

    coding = work(lambda: codec.decode(codec.encode(audio)))
    assert ratio_of(work(probe), coding, rounds=5) < MOST_SECONDS_OF_AUDIO[with_past]
