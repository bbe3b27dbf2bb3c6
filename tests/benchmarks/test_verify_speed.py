"""How long a proof takes. Target: ``audit track2 --verify`` in 5 s on two cores, after imports.

pytest tests/benchmarks/test_verify_speed.py
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lrac_audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.witness.latency import measure
from reference_models.audit.adapter import adapt
from tests.benchmarks.timing import ratio_of, work
from tests.reference_models.nn.filling import filled_codec

MAX_MEDIAN_S = {"track2": 5.0}
MOST_PROBES = 4.3


@pytest.mark.parametrize("rvq", ["absorbed", "projected"])
@pytest.mark.parametrize("target", ["track1", "track2"])
def test_verify(benchmark: Any, target: str, rvq: str) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = benchmark.pedantic(
            audit, (target,), {"rvq": rvq, "verify": True}, rounds=3, warmup_rounds=1
        )
    finally:
        torch.set_num_threads(threads)
    assert found.verdict.doubts == ()
    if target in MAX_MEDIAN_S:
        assert benchmark.stats.stats.median <= MAX_MEDIAN_S[target]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("target", ["track1", "track2"])
def test_verify_beside_its_latency(target: str) -> None:
    """The trace, fvcore, the receptive field and the stream come on top of both bounds."""
    codec = adapt(filled_codec(load_design(target).design, 0))
    probe = work(measure, codec, codec.modes[-1])
    verifying = work(lambda: audit(target, verify=True))
    assert ratio_of(verifying, probe, rounds=3) < MOST_PROBES
