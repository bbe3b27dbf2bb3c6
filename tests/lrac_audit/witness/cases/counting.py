"""Functions over learned tensors, traced for what they multiply and accumulate per step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tests.lrac_audit.witness.trace.tracing import macs, traced

Writing = Callable[[nn.Module, Tensor], Tensor]


class Learned(nn.Module):
    """Parameters of the shapes given by name."""

    def __init__(self, **shapes: tuple[int, ...]) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        for name, shape in shapes.items():
            values = torch.randn(shape, generator=generator)
            self.register_parameter(name, nn.Parameter(values))


def macs_per_step(learned: nn.Module, writing: Writing, channels: int, hop: int = 1) -> int:
    """Return the multiply-accumulates of ``writing`` on one more hop of audio ``[1, C, T]``."""
    found = traced(learned, lambda x: writing(learned, x), channels, hop)
    assert not found.problems
    return macs(found.rows)


def crossed(writings: dict[str, Writing], sizes: list[tuple[int, ...]]) -> list[tuple]:
    """Return every writing, by name, with every tuple of sizes."""
    return [(name, *size) for name in writings for size in sizes]
