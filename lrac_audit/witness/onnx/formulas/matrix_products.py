"""Cost formulas for matrix products.

A product of ``[M, K]`` and ``[K, N]`` does ``M K N`` multiply-accumulates.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.onnx.formulas.node_formulas import (
    NodeCall,
    NodeWork,
    Shape,
    counts,
    over_values,
)


def linear_work(out: Shape, width_in: int, biased: bool = False) -> NodeWork:
    """Return the work of a linear map from ``width_in`` to the last axis of ``out``."""
    width_out, values = out[-1] if out else 1, prod(out)
    work: dict[str, int] = {Kind.LINEAR: values * width_in}
    if biased:
        work[Kind.BIAS] = values
    return NodeWork("linear", work, Geometry(width_in, width_out), values // max(width_out, 1))


@counts("MatMul", "MatMulInteger", "QLinearMatMul")
def product(call: NodeCall) -> NodeWork:
    """Inputs: two factors, or first the left one; its last axis is summed over."""
    return linear_work(call.out, call.shape(0)[-1])


@counts("Gemm")
def general_product(call: NodeCall) -> NodeWork:
    """Inputs: ``A [M, K]`` or its transpose, ``B``, a summand."""
    rows, columns = call.shape(0)
    width = rows if call.attributes.get("transA") else columns
    return linear_work(call.out, width, call.has(2))


@counts("Einsum")
def summation(call: NodeCall) -> NodeWork:
    """Count a product of two operands by all its indices; one operand is summed or only moved.

    Raises:
        ValueError: there are more than two operands, whose order of products is not given.
    """
    if len(call.inputs) > 2:
        raise ValueError("products of more than two operands, in an order that is not given")
    labels = einsum_labels(call)
    sizes = {
        label: max(size, 1)
        for index, term in enumerate(labels[:-1])
        for label, size in zip(term, call.shape(index), strict=True)
    }
    values, kept = prod(sizes.values()), prod(call.out)
    if len(call.inputs) == 1:
        work = {Kind.REDUCE: values} if values > kept else {}
        return over_values("reduce", work, call.out)
    if values == kept:
        return over_values("pointwise", {Kind.POINTWISE: values}, call.out)
    return linear_work(call.out, values // max(kept, 1))


def einsum_labels(call: NodeCall) -> list[list[str]]:
    """Return the labels of the axes of each operand, and at last of the result.

    Axes under an ellipsis are called ``...1``, ``...2`` and so on, from the last.
    """
    equation = str(call.attributes["equation"]).replace(" ", "")
    terms, arrow, result = equation.partition("->")
    operands = terms.split(",")
    found = [_labels(term, len(call.shape(at))) for at, term in enumerate(operands)]
    if arrow:
        return [*found, _labels(result, len(call.out))]
    letters = [label for term in found for label in term]
    dots = sorted({label for label in letters if label.startswith(".")}, reverse=True)
    once = sorted({label for label in letters if letters.count(label) == 1} - set(dots))
    return [*found, [*dots, *once]]


def _labels(term: str, axes: int) -> list[str]:
    before, dots, after = term.partition("...")
    hidden = axes - len(before) - len(after) if dots else 0
    return [*before, *(f"...{k}" for k in range(hidden, 0, -1)), *after]


def softmax_units(values: int) -> dict[str, int]:
    """Return the work of a softmax: maximum, differences, exponentials, their sum, quotients."""
    return {
        Kind.REDUCE: 2 * values,
        Kind.POINTWISE: values,
        Kind.TRANSCENDENTAL: values,
        Kind.DIVISION: values,
    }
