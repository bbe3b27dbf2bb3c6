"""Compute result shapes on ``meta`` quickly, for the operators that codecs call most.

On the device ``meta`` torch finds the shapes of many results by Python code that takes milliseconds
a call, and imports its compiler at the first one, which takes seconds. For these operators the
shape follows from a simple rule; with these rules the trace of a large codec is several times
faster. A rule returns None where the case is not simple, and torch is asked. A rule of an operator
that torch takes with wrong shapes on ``meta`` refuses them itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.shape_rules import (
    convolutions,
    joining,
    pointwise,
    products,
    reductions,
)

Result = Any
ShapeRule = Callable[[tuple[Any, ...], dict[str, Any]], Result]

_SAME = words("""
elu relu leaky_relu gelu silu tanh sigmoid sin cos exp pow neg square abs sqrt rsqrt
reciprocal clamp clamp_min softplus""")
_TWO = ("add", "sub", "mul", "div")


SHAPE_RULES: dict[str, ShapeRule] = {
    **{f"aten.{name}": pointwise.like_first for name in _SAME},
    **{f"aten.{name}": pointwise.of_two for name in _TWO},
    "aten._euclidean_dist": products.distances,
    "aten._safe_softmax": pointwise.softmax,
    "aten._weight_norm_interface": pointwise.weight_norm,
    "aten.addmm": products.added_product,
    "aten.argmax": reductions.chosen,
    "aten.argmin": reductions.chosen,
    "aten.cat": joining.joined,
    "aten.convolution": convolutions.convolved,
    "aten.embedding": joining.looked_up,
    "aten.linalg_vector_norm": reductions.norm,
    "aten.native_layer_norm": reductions.layer_norm,
    "aten.stack": joining.stacked,
}


def quick_meta_result(call: OperatorCall) -> Result:
    """Return the result of a call on ``meta``, or None where torch has to be asked."""
    args, kwargs = call.args, call.kwargs
    rule = SHAPE_RULES.get(call.name)
    if rule is None or "out" in kwargs:
        return None
    tensors = call.tensors
    if not tensors or not all(tensor.is_meta for tensor in tensors):
        return None
    result = rule(args, kwargs)
    if call.operator.is_mutable:
        return args[0] if result is not None and result.shape == args[0].shape else None
    return result
