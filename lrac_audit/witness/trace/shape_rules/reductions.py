"""Shapes of results along an axis: choices, norms and normalised values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def chosen(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """Return the indices of the least or greatest along an axis, which is then gone."""
    x: Tensor = args[0]
    if len(args) != 2 or args[1] is None or kwargs or x.dim() < 2:
        return None
    if not x.numel() or not x.is_floating_point():
        return None
    return x.new_empty(without(x.shape, args[1]), dtype=torch.int64)


def norm(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """Return the norms of real vectors along one axis."""
    x: Tensor = args[0]
    axes = args[2] if len(args) > 2 else kwargs.get("dim")
    if not axes or len(axes) != 1 or kwargs.get("dtype") or not x.is_floating_point():
        return None
    shape = list(x.shape)
    shape[axes[0]] = 1
    keeps = args[3] if len(args) > 3 else kwargs.get("keepdim", False)
    return x.new_empty(shape if keeps else without(shape, axes[0]))


def layer_norm(args: tuple[Any, ...], _: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor] | None:
    """Return the normalised values, and the mean and the scale of each vector of the last axes."""
    x, sizes, weight, bias = args[:4]
    others = [tensor for tensor in (weight, bias) if tensor is not None]
    if not x.numel() or x.dtype != torch.float32:
        return None
    if list(x.shape[-len(sizes) :]) != list(sizes) or not len(sizes):
        return None
    if any(list(y.shape) != list(sizes) or y.dtype != x.dtype for y in others):
        return None
    shape = (*x.shape[: -len(sizes)], *(1 for _ in sizes))
    return x.new_empty(x.shape), x.new_empty(shape), x.new_empty(shape)


def without(shape: Sequence[int], axis: int) -> tuple[int, ...]:
    """Return a shape without one of its axes."""
    kept = list(shape)
    del kept[axis]
    return tuple(kept)
