"""Arrays of input steps: for each element of a tensor, the last input step it can depend on.

The earliest step is kept negated, so that both are joined by taking the maximum. An array has the
shape of its tensor, with stride 0 along the axes where it does not vary. Three codes stand below
all steps: no dependence, known to be zero, and covered by a hugely negative number.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import torch
from torch import Tensor

NO_DEPENDENCE = -(1 << 28)
"""The step of an element that depends on no input. Earliest steps have its negative."""
ZERO = NO_DEPENDENCE - 1
"""The element is known to be zero, so that a product with it is zero too."""
LONGEST_CLIP = 1 << 24
"""Steps of the longest clip, well apart from the codes."""
_COVER, _FAR_COVER = 1 << 30, (1 << 30) + (1 << 29)
_COVERED_BELOW, _FAR_BELOW = -(1 << 29), -(_FAR_COVER - (1 << 27))
HUGELY_NEGATIVE = -500.0
"""A score with a constant of at most this added to it gets no weight in a softmax."""
FAR_NEGATIVE = -1e4
"""A constant of at most this has the mark even when it is scaled by :data:`LEAST_SCALE`."""
LEAST_SCALE = HUGELY_NEGATIVE / FAR_NEGATIVE


def is_covered(steps: Tensor) -> Tensor:
    """Return where a hugely negative number was added; only a softmax may make use of it."""
    return steps < _COVERED_BELOW


def covered(steps: Tensor) -> Tensor:
    """Return ``steps`` with the mark that a hugely negative number was added."""
    return torch.where(is_covered(steps), steps, steps.clamp(min=NO_DEPENDENCE) - _COVER)


def is_far_covered(steps: Tensor) -> Tensor:
    """Return where a number was added that is so negative that it may be scaled down."""
    return steps < _FAR_BELOW


def far_covered(steps: Tensor) -> Tensor:
    """Return ``steps`` with the mark that a number was added that may be scaled down."""
    return plain(steps) - _FAR_COVER


def compact(steps: Tensor) -> Tensor:
    """Return ``steps`` with size 1 along every axis where it has stride 0."""
    for axis, (size, stride) in enumerate(zip(steps.shape, steps.stride(), strict=True)):
        if size > 1 and stride == 0:
            steps = steps.narrow(axis, 0, 1)
    return steps


def collapsed(steps: Tensor) -> Tensor:
    """Return ``steps`` with size 1 along every axis where its values do not vary."""
    steps = compact(steps)
    for axis, size in enumerate(steps.shape):
        if size > 1:
            first = steps.narrow(axis, 0, 1)
            middle_is_equal = torch.equal(first, steps.narrow(axis, size // 2, 1))
            if middle_is_equal and bool((steps == first).all()):
                steps = first.clone()  # a view would keep the whole array
    return steps


def plain(steps: Tensor) -> Tensor:
    """Return ``steps`` in compact form, without the codes for zero and for hugely negative."""
    steps = compact(steps)
    if not steps.numel() or int(steps.min()) >= NO_DEPENDENCE:
        return steps
    covers = torch.where(is_far_covered(steps), _FAR_COVER, _COVER).to(steps.dtype)
    return torch.where(is_covered(steps), steps + covers, steps).clamp(min=NO_DEPENDENCE)


def nothing(*sizes: int) -> Tensor:
    """Return an array of no dependence."""
    return torch.full(sizes, NO_DEPENDENCE, dtype=torch.int32)


def joined(arrays: Iterable[Tensor]) -> Tensor:
    """Return the join of arrays that broadcast to each other, in compact form."""
    return reduce(_larger, (plain(steps) for steps in arrays), nothing())


def _larger(a: Tensor, b: Tensor) -> Tensor:
    """Return the larger of each pair; one array itself where it is nowhere smaller.

    Most operations keep the steps of one input, and a long run then keeps them once.
    """
    larger = torch.maximum(a, b)
    for array in (a, b):
        if array.shape == larger.shape and torch.equal(array, larger):
            return array
    return larger


def joined_over(steps: Tensor, axes: Iterable[int], keepdim: bool = True) -> Tensor:
    """Return the join along ``axes``, in compact form."""
    steps = plain(steps)
    for axis in sorted({axis % steps.dim() for axis in axes} if steps.dim() else (), reverse=True):
        if steps.size(axis) == 0:
            steps = nothing(*steps.shape[:axis], 1, *steps.shape[axis + 1 :])
        elif steps.size(axis) > 1:
            steps = steps.amax(axis, keepdim=True)
        if not keepdim:
            steps = steps.squeeze(axis)
    return steps


def joined_whole(steps: Tensor) -> Tensor:
    """Return the join of all elements, as an array without axes."""
    return plain(steps).amax() if steps.numel() else nothing()


def constant_steps(values: Tensor) -> Tensor:
    """Return the codes of a constant: zero, hugely negative, or no dependence."""
    if values.is_meta:
        return nothing(*[1] * values.dim()).expand(values.shape)
    compacted = compact(values.detach())
    codes = torch.where(compacted == 0, ZERO, NO_DEPENDENCE).to(torch.int32)
    if values.dtype != torch.bool and not values.is_complex():
        codes = torch.where(compacted <= HUGELY_NEGATIVE, covered(nothing()), codes)
        codes = torch.where(compacted <= FAR_NEGATIVE, far_covered(nothing()), codes)
    return codes.expand(values.shape)


def has_structure(weight: Tensor) -> bool:
    """Return whether zeros of a constant weight say anything about its layer.

    A weight without zeros does not, nor one of zeros alone, which waits to be trained or loaded.
    """
    if weight.is_meta:
        return False
    return 0 < int(torch.count_nonzero(weight)) < weight.numel()


def number_steps(value: complex) -> Tensor:
    """Return the code of a number, as an array without axes."""
    return constant_steps(torch.tensor(value))
