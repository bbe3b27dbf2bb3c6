"""What a step of training computes, and how much of the machine it uses.

The figures are those of torch's own counter: convolutions and matrix products, forward and
backward, 2 FLOPs for a multiply-accumulate. Fourier transforms, pointwise functions, the
optimisers and the k-means that codebooks start with are not in them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from lrac_audit.report.text import Column, number, table
from reference_models.nn.rvq import TrainedLayer
from reference_models.training.configuration import Configuration
from reference_models.training.models import Models, build_models
from reference_models.training.processes import Processes
from reference_models.training.step import PHASES, MovedBatch

COUNTED = "convolutions and matrix products, 2 FLOPs for a multiply-accumulate"
PROBE_SIZES = {"cpu": 1024, "cuda": 8192}
"""Rows and columns of the matrices whose product shows what a machine can do."""
PROBE_ROUNDS = 3


class StepCost(NamedTuple):
    """What one window of a step costs, averaged over the RVQ layers that steps draw."""

    flops: Mapping[str, float]
    """By phase of a step."""
    window_s: float
    """Seconds of audio in the window."""

    @property
    def window_flops(self) -> float:
        """All phases of a window."""
        return sum(self.flops.values())

    @property
    def flops_per_audio_s(self) -> float:
        """For each second of audio that is learned from."""
        return self.window_flops / self.window_s


def step_cost(configuration: Configuration) -> StepCost:
    """Count the operations of real steps, each on one window of noise, on the CPU."""
    models = build_models(configuration, Processes(0, 1, torch.device("cpu")))
    _fill_codebooks(models)
    window = 0.1 * torch.randn(1, 1, configuration.window_samples)
    batch = MovedBatch(window, window, ("noise",))
    counted: Counter[str] = Counter()

    @contextmanager
    def observe(phase: str) -> Iterator[None]:
        with FlopCounterMode(display=False) as counter:
            yield
        counted[phase] += counter.get_total_flops()

    for layers in configuration.active_layers:
        models.stepper.step(batch, layers, observe)
    steps = len(configuration.active_layers)
    flops = {phase: counted[phase] / steps for phase in PHASES if counted[phase]}
    return StepCost(flops, configuration.window_samples / configuration.design.sample_rate_hz)


def _fill_codebooks(models: Models) -> None:
    """So that no k-means runs, which a run does once."""
    for layer in models.codec.quantizer.layers:
        assert isinstance(layer, TrainedLayer)
        layer.search.embed.normal_()
        layer.search.inited.fill_(1)


def cost_table(cost: StepCost, batch_size: int) -> str:
    """The cost of a step by phase, as text."""
    columns = [Column("Step"), *(Column(name, right=True) for name in ("GFLOP", "share"))]
    total = cost.window_flops
    rows = [
        [phase, number(batch_size * flops / 1e9, 2), f"{100 * flops / total:.1f} %"]
        for phase, flops in cost.flops.items()
    ]
    rows.append(["all", number(batch_size * total / 1e9, 2), "100.0 %"])
    return f"{table(columns, rows)}counted: {COUNTED}\n"


def attainable_flops_per_s(device: torch.device) -> float:
    """What a large matrix product in float32 reaches on ``device``, the best of a few."""
    size = PROBE_SIZES[device.type]
    x = torch.randn(size, size, device=device)
    times_s = []
    for _ in range(PROBE_ROUNDS):
        began = time.perf_counter()
        torch.mm(x, x)
        if device.type == "cuda":
            torch.cuda.synchronize()
        times_s.append(time.perf_counter() - began)
    return 2 * size**3 / min(times_s)
