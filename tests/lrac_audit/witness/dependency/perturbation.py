"""Dependence by brute force: change one input step, and see which elements of the result move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from lrac_audit.witness.dependency import NO_DEPENDENCE
from lrac_audit.witness.dispatch import tensors_in

CHANGES = (1.0, -1.0, 3e2, -3e2, 1e6, -1e6)
"""Sizes of the changes: large ones outweigh a maximum, small ones do not saturate a softmax."""


class Seen(NamedTuple):
    """The latest and earliest input step that was seen to change each element of a result."""

    latest: torch.Tensor
    earliest: torch.Tensor


def noise(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def results_of(function: Callable[[torch.Tensor], Any], x: torch.Tensor) -> list[torch.Tensor]:
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [tensor.clone() for tensor in tensors_in(function(x.clone()))]


def seen_by_perturbation(
    function: Callable[[torch.Tensor], Any], x: torch.Tensor, trials: int = 1
) -> list[Seen]:
    """Return what is seen for each tensor of the result, input time being the last axis."""
    moved = []
    for trial in range(trials):
        base = results_of(function, x)
        for step in range(x.shape[-1]):
            for size in CHANGES:
                changed = x.clone()
                changed[..., step] += size * noise(x.shape[:-1], 1000 * trial + step).abs()
                pairs = zip(base, results_of(function, changed), strict=True)
                moved.append((step, [one != other for one, other in pairs]))
        x = x + 1.0
    return [_bounds(moved, index) for index in range(len(moved[0][1]))]


def seen_by_nan(function: Callable[[torch.Tensor], Any], x: torch.Tensor) -> list[Seen]:
    """Return the same by NaN, which passes through every sum and product, even one with zero."""
    moved = []
    for step in range(x.shape[-1]):
        changed = x.clone()
        changed[..., step] = torch.nan
        moved.append((step, [result.isnan() for result in results_of(function, changed)]))
    return [_bounds(moved, index) for index in range(len(moved[0][1]))]


def _bounds(moved: list[tuple[int, list[torch.Tensor]]], index: int) -> Seen:
    shape = moved[0][1][index].shape
    latest, earliest = torch.full(shape, NO_DEPENDENCE), torch.full(shape, -NO_DEPENDENCE)
    for step, moves in moved:
        latest[moves[index]] = latest[moves[index]].clamp(min=step)
        earliest[moves[index]] = earliest[moves[index]].clamp(max=step)
    return Seen(latest, earliest)
