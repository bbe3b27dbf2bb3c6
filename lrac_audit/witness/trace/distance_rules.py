"""Follow distances through the operations on them."""

from __future__ import annotations

from lrac_audit.witness.trace.distances import MOST_ADDED, Distance, Distances
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import distinct_values, own_family

SUBTRACTIONS = frozenset({"aten.sub", "aten.rsub", "aten.mse_loss"})
DIFFERENCES = SUBTRACTIONS | {"aten.add"}
SCALES = frozenset({"aten.mul", "aten.div"})
SQUARES = frozenset({"aten.pow", "aten.square", "aten.abs"})
LOSSES = frozenset({"aten.mse_loss"})
NORMS = frozenset(f"aten.{name}" for name in words("linalg_vector_norm norm"))


def after_pointwise(call: OperatorCall, index: int, is_spread: bool) -> Distances:
    """Return the distances in the result of a pointwise operation, which is record ``index``."""
    before = tuple(distance for each in call.provenances for distance in each.distances)
    if call.name in SQUARES or _is_square(call):
        return tuple(each.squared(index) for each in before)
    if _is_difference(call, is_spread):
        first = Distance(frozenset({index}), max(call.outputs[0].numel(), _values(call)), is_spread)
        return (first.squared(index) if call.name in LOSSES else first,)
    if len(call.tensors) == 1:
        return tuple(each.then(index) for each in before)
    scaled = call.name in SCALES and any(each.constant for each in call.provenances)
    kept = dict.fromkeys(
        each.then(index)
        for tensor, provenance in zip(call.tensors, call.provenances, strict=True)
        for each in provenance.distances
        if (each.is_squared or scaled) and (each.is_spread or tensor.shape == call.outputs[0].shape)
    )
    return tuple(kept)[-MOST_ADDED:]


def _values(call: OperatorCall) -> int:
    return max(tensor.numel() for tensor in call.tensors)


def _is_difference(call: OperatorCall, is_spread: bool) -> bool:
    """Return whether this compares two tensors: each with each, or a signal with a constant.

    Or a signal with several codewords that were looked up for it, as in the leaves of a tree.
    """
    if any(d.is_squared for each in call.provenances for d in each.distances):
        return False
    if is_spread:
        return call.name in DIFFERENCES
    if call.name not in SUBTRACTIONS:
        return False
    if len(call.tensors) == 1 or sum(each.constant for each in call.provenances) == 1:
        return True
    looked_up = any(each.role == "codewords" for each in call.provenances)
    return looked_up and any(n < call.outputs[0].numel() for n in _distinct(call))


def _is_square(call: OperatorCall) -> bool:
    """Return whether this multiplies a tensor with itself, or with the same made again."""
    if call.name != "aten.mul" or len(call.tensors) != 2:
        return False
    first, second = (
        own_family(tensor, provenance)
        for tensor, provenance in zip(call.tensors, call.provenances, strict=True)
    )
    return first == second


def after_sum(call: OperatorCall, index: int) -> Distances:
    """Return the distances in the result of a sum or norm, which is record ``index``."""
    if call.name in LOSSES:
        return after_pointwise(call, index, spreads(call))
    before = dict.fromkeys(d for each in call.provenances for d in each.distances)
    if call.name in NORMS:
        return tuple(each if each.is_squared else each.squared(index) for each in before)
    return tuple(each.then(index) for each in before if each.is_squared)


def is_summed_loss(call: OperatorCall) -> bool:
    """Return whether this is a loss that sums or averages its squares itself."""
    return call.name in LOSSES and call.argument("reduction") != 0


def spreads(call: OperatorCall) -> bool:
    """Return whether two tensors are broadcast against each other, each smaller than the result."""
    if len(call.tensors) != 2 or len(call.outputs) != 1:
        return False
    values = max(call.tensors[0].numel(), call.outputs[0].numel())
    return all(1 < n < values for n in _distinct(call))


def _distinct(call: OperatorCall) -> list[int]:
    """Return how many values of each tensor are no copies of others."""
    pairs = zip(call.tensors, call.provenances, strict=True)
    layouts = [tensor if each.layout is None else each.layout for tensor, each in pairs]
    return [distinct_values(layout) for layout in layouts]
