"""Rules for reductions: whatever goes into a result is joined."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, axes_of, rule
from lrac_audit.witness.dependency.rules.pointwise import join_elements
from lrac_audit.witness.dependency.steps import (
    NO_DEPENDENCE,
    compact,
    is_covered,
    joined,
    joined_over,
    plain,
)
from lrac_audit.witness.trace.formulas.formula_table import words


@rule(
    *words(
        "sum mean amax amin max min argmax argmin var std prod any all logsumexp "
        "linalg_vector_norm median mode kthvalue nansum count_nonzero aminmax var_mean "
        "std_mean nanmedian"
    )
)
def reduce(call: RuleCall) -> list[Tensor]:
    """Return the join over the reduced axes, or over two tensors for an elementwise ``max``."""
    if isinstance(call.first("other"), Tensor):
        return [join_elements(call)]
    tensor = call.first("self", "input")
    axes = axes_of(call.first("dim"), tensor.dim())
    steps = call.steps(tensor)
    if call.func._schema.name.split("::")[1] in LARGEST:
        steps = without_covered(steps, axes)
    result = joined_over(steps, axes, keepdim=bool(call.first("keepdim")))
    return [result] * len(call.shapes)


LARGEST = frozenset(words("amax max logsumexp"))
"""Reductions that a hugely negative element does not enter, unless all are."""


def without_covered(steps: Tensor, axes: list[int]) -> Tensor:
    """Return ``steps`` without those of hugely negative elements, where others are larger."""
    steps = compact(steps)
    hidden = is_covered(steps)
    if not bool(hidden.any()):
        return steps
    others = (~hidden).amax(axes, keepdim=True) if axes else ~hidden
    return torch.where(hidden & others, NO_DEPENDENCE, plain(steps))


@rule("sort", "topk", "histc")
def join_axis(call: RuleCall) -> list[Tensor]:
    """Return the join over an axis, for each result along it."""
    tensor = call["self"]
    axes = axes_of(call.first("dim"), tensor.dim())
    return [call.joined_over(tensor, axes)] * len(call.shapes)


@rule("glu")
def gate(call: RuleCall) -> Tensor:
    """Return the join of both halves of an axis."""
    return joined(call.steps(call["self"]).chunk(2, call["dim"]))
