"""Shapes of results that have one element for each element of an input."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor


def as_given(tensor: Tensor) -> Tensor:
    """Return a new tensor of the same shape and layout."""
    strides = tensor.stride()
    outer_first = sorted(range(tensor.dim()), key=lambda axis: -strides[axis])
    if tensor.is_contiguous() or tensor.permute(outer_first).is_contiguous():
        return torch.empty_strided(tensor.shape, strides, dtype=tensor.dtype, device="meta")
    return torch.empty_like(tensor)


def like_first(args: tuple[Any, ...], _: dict[str, Any]) -> Tensor | None:
    """Return a result like the first argument, if that is the only tensor and of real numbers."""
    alone = not any(isinstance(argument, Tensor | complex) for argument in args[1:])
    return as_given(args[0]) if alone and args[0].is_floating_point() else None


def of_two(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """Return a result like the larger of two tensors of one type, or of a tensor and a number."""
    first, second = args[0], args[1]
    if kwargs.get("rounding_mode") or not isinstance(first, Tensor):
        return None
    if not isinstance(second, Tensor):
        return like_first(args, kwargs)
    if first.dtype != second.dtype or not first.is_floating_point():
        return None
    shape = broadcast(first.shape, second.shape)
    if shape is None:
        return None
    for tensor in (first, second):
        if tensor.shape == shape:
            return as_given(tensor)
    return first.new_empty(shape)


def broadcast(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...] | None:
    """Return the broadcast shape of two; torch's own function for it imports its compiler."""
    pairs = list(zip_longest(reversed(first), reversed(second), fillvalue=1))
    if not all(a == b or 1 in (a, b) for a, b in pairs):
        return None
    return tuple(b if a == 1 else a for a, b in reversed(pairs))


def softmax(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """Return weights like the contiguous scores."""
    is_simple = len(args) == 2 and not kwargs.get("dtype") and args[0].is_contiguous()
    has_axis = is_simple and -args[0].dim() <= args[1] < args[0].dim()
    return as_given(args[0]) if has_axis else None


def weight_norm(args: tuple[Any, ...], _: dict[str, Any]) -> tuple[Tensor, Tensor] | None:
    """Return the weight and the norm of its direction, from direction and length."""
    direction, length, axis = (*args, 0)[:3]
    if axis not in (0, direction.dim() - 1) or length.dtype != direction.dtype:
        return None
    sizes = [size if at == axis else 1 for at, size in enumerate(direction.shape)]
    return (as_given(direction), as_given(length)) if list(length.shape) == sizes else None
