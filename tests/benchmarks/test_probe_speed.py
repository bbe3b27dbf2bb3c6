"""How long the latency probe takes.

Run with ``pytest tests/benchmarks/test_probe_speed.py``.
"""

import pytest
import torch

from lrac_audit.design.targets import load_target
from lrac_audit.witness.latency import measure
from lrac_audit.witness.target import AuditTarget
from reference_models.nn.build import build

MAX_S = {"track1": 1.5, "track2": 1.5}


@pytest.fixture(params=["track1", "track2"])
def track(request):
    return request.param


def test_a_baseline(benchmark, track):
    torch.manual_seed(0)
    design = load_target(track).design
    codec = build(design).eval()
    target = AuditTarget(
        track, codec, design.sample_rate_hz, design.hop_samples, codec.encoder, codec.decoder
    )
    found = benchmark.pedantic(measure, (target,), rounds=5, warmup_rounds=1)
    assert found.confirmed
    assert benchmark.stats.stats.median <= MAX_S[track]
