"""Rules for operators that work element by element."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import (
    ZERO,
    compact,
    covered,
    has_structure,
    is_covered,
    joined,
    joined_whole,
    number_steps,
    plain,
)
from lrac_audit.witness.dispatch import tensors_in


@rule("complex", "polar", "fake_quantize_per_tensor_affine_cachemask")
def join_elements(call: RuleCall) -> Tensor:
    """Return the join of all dependent inputs, element by element.

    It is also the rule for the operators that torch tags as pointwise.
    """
    dependent = (t for t in tensors_in(list(call.arguments.values())) if call.depends(t))
    return joined(call.steps(tensor) for tensor in dependent)


@rule("bucketize", "searchsorted")
def search(call: RuleCall) -> Tensor:
    """Return the join of each value with the boundaries that it is searched in."""
    boundaries = call.first("boundaries", "sorted_sequence")
    value = call["self"]
    steps = [call.steps(value)] if call.depends(value) else []
    if call.depends(boundaries):
        steps.append(call.joined_over(boundaries, [-1]))
    return joined(steps)


@rule("isin")
def is_in(call: RuleCall) -> Tensor:
    """Return the join of each element with all that it is compared with."""
    elements, others = (
        call.first("elements", "element"),
        call.first("test_elements", "test_element"),
    )
    return joined([call.plain(elements), joined_whole(call.steps(others))])


@rule("mul", "div")
def multiply(call: RuleCall) -> Tensor:
    """Return the join, and zero where a factor or the dividend is known to be zero."""
    result = join_elements(call)
    factors = [call["self"]] if "rounding_mode" in call.arguments or _divides(call) else None
    for factor in factors or [call["self"], call["other"]]:
        if isinstance(factor, nn.Parameter) and not has_structure(factor):
            continue
        is_zero = compact(call.steps(factor)) == ZERO
        if bool(is_zero.any()):
            result = torch.where(is_zero, ZERO, result)
    return result


def _divides(call: RuleCall) -> bool:
    return bool(call.func._schema.name.startswith("aten::div"))


@rule("add", "sub")
def add(call: RuleCall) -> Tensor:
    """Return the join, marked where a hugely negative number is added."""
    factor = call["alpha"] * (-1 if call.func._schema.name.startswith("aten::sub") else 1)
    result = marked(join_elements(call), call.steps(call["self"]))
    other = call["other"]
    if factor == 1:
        return marked(result, call.steps(other))
    return result if call.depends(other) else marked(result, call.steps(factor * other))


def marked(result: Tensor, term: Tensor) -> Tensor:
    """Return the steps of a sum, marked where one of its terms is hugely negative."""
    is_hugely_negative = is_covered(compact(term))
    if not bool(is_hugely_negative.any()):
        return result
    return torch.where(is_hugely_negative, covered(result), result)


@rule("maximum")
def larger(call: RuleCall) -> Tensor:
    """Return the join, which stays hugely negative where both are."""
    both = [compact(call.steps(call[name])) for name in ("self", "other")]
    result = joined(both)
    is_hugely_negative = is_covered(both[0]) & is_covered(both[1])
    return torch.where(is_hugely_negative, covered(result), result)


@rule("exp")
def exponential(call: RuleCall) -> Tensor:
    """Return the steps, and zero where a hugely negative number was added."""
    steps = compact(call.steps(call["self"]))
    return torch.where(is_covered(steps), ZERO, plain(steps))


@rule("where")
def where(call: RuleCall) -> Tensor:
    """Return the steps of whichever value is chosen; of both if the choice depends on the input."""
    return _choice(call, call["condition"], call["self"], call["other"])


@rule("masked_fill")
def masked_fill(call: RuleCall) -> Tensor:
    """Return the steps of the tensor, and of the value where the mask is set."""
    return _choice(call, call["mask"], call["value"], call["self"])


def _choice(call: RuleCall, mask: Any, chosen: Any, otherwise: Any) -> Tensor:
    chosen_steps, other_steps = compact(call.steps(chosen)), compact(call.steps(otherwise))
    if call.depends(mask):
        return joined([chosen_steps, other_steps, call.steps(mask)])
    return torch.where(mask, chosen_steps, other_steps)


@rule("tril", "triu")
def triangle(call: RuleCall) -> Tensor:
    """Return the steps of one triangle, and zero elsewhere."""
    steps = call.steps(call["self"])
    kept = call.func(torch.ones(steps.shape[-2:], dtype=torch.bool), call["diagonal"])
    return torch.where(kept, steps, ZERO)


@rule("copy")
def copy(call: RuleCall) -> Tensor:
    """Return the steps of the source of an in-place copy."""
    return compact(call.steps(call["src"]))


@rule("fill", "zero")
def fill(call: RuleCall) -> Tensor:
    """Return the steps of the value that fills the tensor."""
    value = call.first("value")
    return number_steps(0) if value is None else compact(call.steps(value))


@rule("alias", "detach", "clone", "_to_copy", "lift_fresh", "conj_physical", "_conj_physical")
def same(call: RuleCall) -> Tensor:
    """Return the steps of the tensor that is copied or seen again."""
    return call.steps(call["self"])
