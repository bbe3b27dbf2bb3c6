"""Rules of matrix products."""

from __future__ import annotations

import numpy as np

from lrac_audit.witness.onnx.dependency.registry import NoRuleError, RuleCall, rule
from lrac_audit.witness.onnx.dependency.steps import NOTHING, Steps, larger, over_axes
from lrac_audit.witness.onnx.formulas import NodeCall
from lrac_audit.witness.onnx.formulas.matrix_products import einsum_labels
from lrac_audit.witness.onnx.graph_model import Array

MOST_STRUCTURE = 1 << 16
"""Values of a constant factor up to which its zeros are followed."""


@rule("MatMul", "MatMulInteger")
def product(call: RuleCall) -> list[Steps]:
    """Return for each element the join of its row on the left and its column on the right."""
    first, second = call.shapes[0], call.shapes[1]
    if len(first) < 2 or len(second) < 2:
        return [call.whole()]
    return [_product(call.steps(0), call.steps(1), first, call.known(1))]


@rule("Gemm")
def general_product(call: RuleCall) -> list[Steps]:
    """Return the same of factors that may be transposed, joined with the summand."""
    left, right, known, shape = call.steps(0), call.steps(1), call.known(1), call.shapes[0]
    if call.attributes.get("transA"):
        left, shape = left.T, shape[::-1]
    if call.attributes.get("transB"):
        right, known = right.T, None if known is None else known.T
    found = _product(left, right, shape, known)
    return [larger([found, call.steps(2)]) if len(call.inputs) > 2 else found]


def _product(left: Steps, right: Steps, left_shape: tuple[int, ...], known: Array | None) -> Steps:
    rows, columns = over_axes(left, [-1]), over_axes(right, [-2])
    if known is not None and known.ndim == 2 and left.shape[-1] > 1 and _has_structure(known):
        each = np.broadcast_to(left, (*left.shape[:-1], left_shape[-1]))[..., None]
        rows = np.where(known == 0, NOTHING, each).max(axis=-2)
    return larger([rows, columns])


def _has_structure(weight: Array) -> bool:
    """Return whether some but not all of the values are zero."""
    return weight.size <= MOST_STRUCTURE and 0 < int(np.count_nonzero(weight)) < weight.size


@rule("Einsum")
def summation(call: RuleCall) -> list[Steps]:
    """Return the join of the operands along the indices that are summed over."""
    *terms, result = einsum_labels(NodeCall(call.shapes, call.outputs, call.attributes))
    found = []
    for at, term in enumerate(terms):
        if len(set(term)) < len(term):
            raise NoRuleError("a diagonal")
        summed = [axis for axis, label in enumerate(term) if label not in result]
        steps = over_axes(call.steps(at), summed) if summed else call.steps(at)
        kept = [label for label in term if label in result]
        steps = steps.squeeze(tuple(summed)) if summed else steps
        order = [kept.index(label) for label in result if label in kept]
        places = [axis for axis, label in enumerate(result) if label not in kept]
        found.append(np.expand_dims(steps.transpose(order), places))
    return [larger(found)]
