"""Keep track of the axes along which a tensor only repeats itself.

A *layout* is a tensor without values whose stride is 0 along every axis that repeats. A view or an
expanded tensor shows this by its own strides; a copy of one does not, so its layout is kept beside
it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

EVERYWHERE = torch.empty(0, device="meta")
"""The layout of what varies along all axes, whatever its shape."""


def layout_of(tensor: Tensor, kept: Tensor | None) -> Tensor:
    """Return the layout of ``tensor``, of which ``kept`` was known before."""
    if kept is not None:
        return kept
    if tensor.is_meta:
        return tensor
    return torch.empty_strided(tensor.shape, tensor.stride(), device="meta")


def varies(layout: Tensor, axis: int) -> bool:
    """Return whether the values differ along an axis."""
    return layout is EVERYWHERE or (layout.shape[axis] > 1 and layout.stride(axis) != 0)


def repeats(layout: Tensor) -> bool:
    """Return whether the values repeat along any axis."""
    return any(size > 1 and not step for size, step in pairs_of(layout))


def pairs_of(layout: Tensor) -> list[tuple[int, int]]:
    """Return size and stride of each axis."""
    return list(zip(layout.shape, layout.stride(), strict=True))


def partial_axes(tensor: Tensor) -> list[int]:
    """Return the axes, counted from the last, of which a tensor shows a part of its memory."""
    strides = tensor.stride()
    found, step = [], tensor.untyped_storage().nbytes() // tensor.element_size()
    for axis in sorted(range(-tensor.dim(), 0), key=lambda axis: -strides[axis]):
        if step > strides[axis] * tensor.shape[axis] > 0:
            found.append(axis)
        step = strides[axis]
    return found


def of_axes(shape: Sequence[int], different: Sequence[bool]) -> Tensor:
    """Return a layout that repeats along all axes but the ``different`` ones."""
    kept = [size if own else 1 for size, own in zip(shape, different, strict=True)]
    return torch.empty(kept, device="meta").expand(tuple(shape))


def expanded(layout: Tensor, shape: Sequence[int]) -> Tensor:
    """Return a layout that is broadcast to ``shape``; one that varies everywhere if it cannot be.

    That happens to tensors split into unequal parts, which have one layout.
    """
    if layout.shape == shape:
        return layout
    try:
        return layout.expand(tuple(shape))
    except RuntimeError:
        return torch.empty(tuple(shape), device="meta")
