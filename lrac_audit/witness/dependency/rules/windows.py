"""Joins over the taps of a sliding window, for convolutions and pooling."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lrac_audit.witness.dependency.steps import nothing

DOUBLING_TAPS = 8
"""From so many adjacent taps on, joins of joins take less time."""


def window_join(
    steps: Tensor, axis: int, taps: Sequence[int], stride: int, left: int, size: int
) -> Tensor:
    """Return the join of ``steps[j * stride + tap - left]`` over ``taps``, for ``size`` windows j.

    Outside the array there is nothing. An axis of size 1 does not vary, and stays.
    """
    if steps.size(axis) == 1 or not taps:
        return steps
    before = max(0, left - min(taps))
    after = max(0, (size - 1) * stride + max(taps) - left - steps.size(axis) + 1)
    padded = surrounded(steps, axis, before, after)
    start = before - left
    if len(taps) >= DOUBLING_TAPS and list(taps) == list(range(taps[0], taps[-1] + 1)):
        padded, taps = _adjacent_join(padded, axis, len(taps)), taps[:1]
    result: Tensor | None = None
    for tap in taps:
        seen = strided(padded, axis, start + tap, stride, size)
        result = seen if result is None else torch.maximum(result, seen)
    assert result is not None
    return result


def surrounded(steps: Tensor, axis: int, before: int, after: int) -> Tensor:
    """Return ``steps`` with elements of no dependence around them."""
    if not before and not after:
        return steps
    ends = []
    for count in (before, after):
        sizes = list(steps.shape)
        sizes[axis] = count
        ends.append(nothing(*sizes))
    return torch.cat([ends[0], steps, ends[1]], axis)


def strided(steps: Tensor, axis: int, start: int, stride: int, size: int) -> Tensor:
    """Return every ``stride``-th element from ``start`` on, ``size`` of them."""
    index = [slice(None)] * steps.dim()
    index[axis] = slice(start, start + (size - 1) * stride + 1, stride)
    return steps[tuple(index)]


def _adjacent_join(steps: Tensor, axis: int, count: int) -> Tensor:
    """Return the join of ``count`` adjacent elements from each element on."""
    joined = 1
    while joined < count:
        shift = min(joined, count - joined)
        length = steps.size(axis) - shift
        steps = torch.maximum(steps.narrow(axis, 0, length), steps.narrow(axis, shift, length))
        joined += shift
    return steps


def spread(steps: Tensor, axis: int, stride: int) -> Tensor:
    """Return ``steps`` with ``stride - 1`` elements of no dependence between each two."""
    if stride == 1 or steps.size(axis) == 1:
        return steps
    sizes = list(steps.shape)
    sizes[axis] = (steps.size(axis) - 1) * stride + 1
    result = nothing(*sizes)
    strided(result, axis, 0, stride, steps.size(axis)).copy_(steps)
    return result
