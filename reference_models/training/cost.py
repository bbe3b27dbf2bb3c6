"""Cost of a training step: its operations by phase, and the attainable speed of a machine.

Counted by the formulas of the operator trace on torch's dispatcher, forward and backward. FLOPs are
those of ``lrac-2025``: 2 for each multiply-accumulate of convolutions and products, nothing else.
Operations are those of ``full``: pointwise functions, sums and Fourier transforms too. Neither
includes the k-means that initialises codebooks, which runs once, or weight norm, which takes a
few operations on each weight.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.report.numerals import number
from lrac_audit.witness.isolation import onednn_off
from lrac_audit.witness.trace.work_sum import WorkSum
from reference_models.data.batch import Batch
from reference_models.nn.codebook import trained_codebooks
from reference_models.training.configuration import Configuration
from reference_models.training.distributed import ProcessGroup
from reference_models.training.models import Models, build_models
from reference_models.training.step import PHASES

COUNTED = "multiply-accumulates, 2 FLOPs each; operations: all arithmetic, as `full` prices it"
PROBE_SIZES = {"cpu": 1024, "cuda": 8192}
"""Rows and columns of the matrices whose product measures the attainable speed of a machine."""
PROBE_ROUNDS = 3


class StepCost(NamedTuple):
    """The cost of one window of a step, averaged over the RVQ layers that steps draw."""

    flops: Mapping[str, float]
    """Multiply-accumulates by phase of a step, each counted as 2."""
    operations: Mapping[str, float]
    """All arithmetic operations by phase of a step."""
    window_s: float
    """Seconds of audio in the window."""
    uncounted: tuple[str, ...] = ()
    """Operators that the trace has no formula for."""

    @property
    def window_flops(self) -> float:
        """FLOPs of all phases of a window."""
        return sum(self.flops.values())

    @property
    def flops_per_audio_s(self) -> float:
        """FLOPs for each second of audio in training."""
        return self.window_flops / self.window_s


def step_cost(configuration: Configuration) -> StepCost:
    """Count the operations of real steps, each on one window of noise, on the CPU."""
    models = build_models(configuration, ProcessGroup(0, 1, torch.device("cpu")))
    _fill_codebooks(models)
    window = 0.1 * torch.randn(1, 1, configuration.window_samples)
    batch = Batch(window, window, ("noise",))
    work_sums: dict[str, list[WorkSum]] = {phase: [] for phase in PHASES}

    @contextmanager
    def observe(phase: str) -> Iterator[None]:
        with WorkSum() as work_sum:
            yield
        work_sums[phase].append(work_sum)

    with onednn_off():
        for layers in configuration.active_layers:
            models.stepper.step(batch, layers, observe)
    return StepCost(
        _mean_prices(work_sums, "lrac-2025"),
        _mean_prices(work_sums, "full"),
        configuration.window_samples / configuration.design.sample_rate_hz,
        tuple(
            sorted({name for each in work_sums.values() for one in each for name in one.unknown})
        ),
    )


def _mean_prices(work_sums: Mapping[str, list[WorkSum]], convention: str) -> dict[str, float]:
    """Return the mean price of each phase that the configuration has."""
    price = CONVENTIONS[convention].price
    return {
        phase: sum(price(work_sum.work) for work_sum in each) / len(each)
        for phase, each in work_sums.items()
        if each
    }


def _fill_codebooks(models: Models) -> None:
    """Initialise codebooks, so that the k-means that a run does once is not counted."""
    for codebook in trained_codebooks(models.codec.quantizer):
        codebook.embed.normal_()
        codebook.inited.fill_(1)


def cost_table(cost: StepCost, batch_size: int, screen: Screen = PLAIN) -> str:
    """Return the cost of a step by phase, as text."""
    titles = "GFLOP", "share", "10^9 operations"
    columns = [Column("Step"), *(Column(title, right=True) for title in titles)]
    each = [(phase, cost.flops[phase], cost.operations[phase]) for phase in cost.flops]
    each.append(("all", cost.window_flops, sum(cost.operations.values())))
    rows = [
        [
            phase,
            number(batch_size * flops / 1e9, 2),
            f"{100 * flops / cost.window_flops:.1f} %",
            number(batch_size * operations / 1e9, 2),
        ]
        for phase, flops, operations in each
    ]
    text = f"{screen.table(Table(columns, rows))}counted: {COUNTED}\n"
    return text + "".join(f"not counted, unknown: {name}\n" for name in cost.uncounted)


def attainable_flops_per_s(device: torch.device) -> float:
    """Return the speed of a large float32 matrix product on ``device``, the best of a few."""
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
