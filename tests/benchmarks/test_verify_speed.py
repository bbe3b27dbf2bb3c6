"""How long a proof takes. Target: ``audit track2 --verify`` in 5 s on two cores, after imports.

pytest tests/benchmarks/test_verify_speed.py
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lrac_audit import audit

MAX_MEDIAN_S = {"track2": 5.0}


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
