"""Shapes of products of matrices, and of distances of vectors."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from lrac_audit.witness.trace.shape_rules.pointwise import broadcast


def added_product(args: tuple[Any, ...], _: dict[str, Any]) -> Tensor | None:
    """Return ``[M, N]`` for ``[M, K]`` and ``[K, N]`` of matching sizes and one type."""
    bias, first, second = args[:3]
    shape = first.shape[0], second.shape[1]
    fits = first.shape[1] == second.shape[0] and broadcast(bias.shape, shape) == shape
    is_alike = first.dtype == second.dtype == bias.dtype
    return first.new_empty(shape) if fits and is_alike else None


def distances(args: tuple[Any, ...], _: dict[str, Any]) -> Tensor | None:
    """Return the distances ``[*B, M, N]`` of vectors ``[*B, M, D]`` and ``[*B, N, D]``."""
    first, second = args[:2]
    fits = first.dim() >= 2 and first.dtype == second.dtype and first.numel() and second.numel()
    alike = (*first.shape[:-2], first.shape[-1]) == (*second.shape[:-2], second.shape[-1])
    return first.new_empty(*first.shape[:-1], second.shape[-2]) if fits and alike else None
