"""Rules for operators that work element by element."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import (
    LEAST_SCALE,
    ZERO,
    compact,
    covered,
    far_covered,
    has_structure,
    is_covered,
    is_far_covered,
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
    return _scaled(call, result)


def _scaled(call: RuleCall, result: Tensor) -> Tensor:
    """Return the steps of a product, marked where a hugely negative number stays one."""
    pairs = [(call["self"], call["other"])]
    if not _divides(call):
        pairs.append(pairs[0][::-1])
    for given, scale in pairs if call.first("rounding_mode") is None else []:
        steps, least = compact(call.steps(given)), _least_scale(call, scale)
        if least >= 1:
            result = marked(result, steps)
        elif least >= LEAST_SCALE and bool(is_far_covered(steps).any()):
            result = torch.where(is_far_covered(steps), covered(result), result)
    return result


def _least_scale(call: RuleCall, scale: Any) -> float:
    """Return the least that a product or quotient is scaled by; 0 where that is not known."""
    if isinstance(scale, Tensor):
        is_known = not (call.depends(scale) or scale.is_meta or isinstance(scale, nn.Parameter))
        if not is_known or not scale.is_floating_point() or not scale.numel():
            return 0.0
        least, greatest = float(scale.min()), float(scale.max())
    else:
        least = greatest = float(scale) if isinstance(scale, int | float) else 0.0
    if least <= 0:
        return 0.0
    return 1 / greatest if _divides(call) else least


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
    result = torch.where(is_hugely_negative, covered(result), result)
    is_far = is_far_covered(compact(term))
    return torch.where(is_far, far_covered(result), result) if bool(is_far.any()) else result


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
