"""Rules for products of matrices, where a known zero cuts the dependence of a term."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.rules.pointwise import marked
from lrac_audit.witness.dependency.steps import (
    NO_DEPENDENCE,
    ZERO,
    compact,
    has_structure,
    joined,
    joined_over,
    joined_whole,
    nothing,
    plain,
)

MOST_TERMS = 300_000_000
"""Most terms of a product whose zeros are told apart; of a larger one, all terms are joined."""
TERMS_AT_ONCE = 1 << 22


@rule("mm", "bmm")
def matrix_product(call: RuleCall) -> Tensor:
    """Return the join over the inner axis of both factors."""
    left, right = call["self"], call["mat2"]
    return product_steps(factor_steps(call, left), factor_steps(call, right))


@rule("addmm", "baddbmm")
def add_matrix_product(call: RuleCall) -> Tensor:
    """Return the join of a product of matrices and what is added to it."""
    left, right = call.first("mat1", "batch1"), call.first("mat2", "batch2")
    result = product_steps(factor_steps(call, left), factor_steps(call, right))
    added = call.steps(call["self"])
    result = joined([result, added])
    return marked(result, added) if call["beta"] == 1 else result


@rule("mv")
def matrix_vector_product(call: RuleCall) -> Tensor:
    """Return the join over the inner axis."""
    vector = factor_steps(call, call["vec"]).unsqueeze(1)
    return product_steps(factor_steps(call, call["self"]), vector).squeeze(1)


@rule("dot", "vdot")
def dot_product(call: RuleCall) -> Tensor:
    """Return the join of both vectors."""
    vectors = call["self"], call.first("tensor", "other")
    return joined(joined_whole(call.steps(vector)) for vector in vectors)


@rule("_cdist_forward", "_euclidean_dist")
def distances(call: RuleCall) -> Tensor:
    """Return the join of the two vectors of each distance."""
    rows = call.joined_over(call["x1"], [-1])
    return joined([rows, call.joined_over(call["x2"], [-1]).transpose(-1, -2)])


def factor_steps(call: RuleCall, tensor: Tensor) -> Tensor:
    """Return the steps of a factor; a constant whose zeros do not matter needs no array."""
    if call.depends(tensor) or has_structure(tensor):
        return compact(call.steps(tensor))
    return nothing(*[1] * tensor.dim())


def product_steps(left: Tensor, right: Tensor) -> Tensor:
    """Return the join over k of ``left[..., i, k]`` and ``right[..., k, j]`` where neither is zero.

    Both are compact.
    """
    if left.size(-1) == 1:
        return _term(left, _joined_keeping_zero(right, -2))
    if right.size(-2) == 1:
        return _term(_joined_keeping_zero(left, -1), right)
    has_zeros = bool((left == ZERO).any()) or bool((right == ZERO).any())
    batch = torch.broadcast_shapes(left.shape[:-2], right.shape[:-2])  # type: ignore[no-untyped-call]
    terms = prod(batch) * left.size(-2) * left.size(-1) * right.size(-1)
    if not has_zeros or terms > MOST_TERMS:
        return joined([joined_over(left, [-1]), joined_over(right, [-2])])
    rows_at_once = max(1, TERMS_AT_ONCE * left.size(-2) // terms)
    parts = left.split(rows_at_once, -2)  # type: ignore[no-untyped-call]
    return torch.cat([_rows_product(part, right) for part in parts], -2)


def _rows_product(left: Tensor, right: Tensor) -> Tensor:
    return _term(left.unsqueeze(-1), right.unsqueeze(-3)).amax(-2)


def _term(left: Tensor, right: Tensor) -> Tensor:
    """Return the steps of products of elements, with no dependence where one is zero."""
    is_zero = (left == ZERO) | (right == ZERO)
    return torch.where(is_zero, NO_DEPENDENCE, joined([left, right]))


def _joined_keeping_zero(steps: Tensor, axis: int) -> Tensor:
    """Return the join along an axis, which is zero where all elements are."""
    if steps.size(axis) == 0:
        return joined_over(steps, [axis])
    zero = (steps == ZERO).all(axis, keepdim=True)
    return torch.where(zero, ZERO, plain(steps).amax(axis, keepdim=True))
