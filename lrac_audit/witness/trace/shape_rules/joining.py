"""Shapes of results that hold the elements of several tensors, or rows of a table."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.trace.shape_rules.reductions import without


def joined(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """Return tensors ``[A, B]`` or ``[A, B, C]`` of one type concatenated along one axis."""
    first: Tensor = args[0][0]
    axis = _axis(args, kwargs)
    if first.dim() not in (2, 3):  # torch drops empty ones, and lays out four axes in another way
        return None
    if any(x.dim() != first.dim() for x in args[0]):
        return None
    if len({(x.dtype, without(x.shape, axis)) for x in args[0]}) > 1:
        return None
    shape = list(first.shape)
    shape[axis] = sum(x.shape[axis] for x in args[0])
    return first.new_empty(shape)


def stacked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """Return tensors of one type and shape stacked along a new axis."""
    first: Tensor = args[0][0]
    axis = _axis(args, kwargs)
    if first.dim() > 2 or len({(x.dtype, x.shape) for x in args[0]}) > 1:
        return None
    if not -first.dim() - 1 <= axis <= first.dim():
        return None
    shape = list(first.shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, len(args[0]))
    return first.new_empty(shape)


def looked_up(args: tuple[Any, ...], _: dict[str, Any]) -> Tensor | None:
    """Return a row of the table ``[K, C]`` for each index."""
    table: Tensor = args[0]
    places: Tensor = args[1]
    if table.dim() != 2 or places.dtype not in (torch.int32, torch.int64):
        return None
    return table.new_empty((*places.shape, table.shape[1]))


def _axis(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    axis: int = args[1] if len(args) > 1 else kwargs.get("dim", 0)
    return axis
