"""Find products that are summed, whatever operators they are written in.

A product of two tensors, value by value, that is then summed is a matrix product. So are the
squares of the differences of each of some vectors with each of others. The square of one tensor,
summed, is its energy and no product of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.onnx.filter_taps import taps_after
from lrac_audit.witness.onnx.graph_model import Body, Node
from lrac_audit.witness.onnx.provenance import Provenance, WorkRecord

SUMS = frozenset({"ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceL2"})
KEEPS_PRODUCTS = frozenset({"Abs", "Add", "Clip", "Div", "Max", "Min", "Mul", "Neg", "Sqrt", "Sub"})
"""Pointwise operators after which a sum of products is still one, as in distances."""


def after_work(
    node: Node, inputs: Sequence[Provenance], index: int, body: Body, records: list[WorkRecord]
) -> Provenance:
    """Return what the result of ``node``, counted by the record ``index``, is to later ones."""
    found = Provenance(
        source=node.outputs[0],
        after_choice=any(each.after_choice for each in inputs),
        taps=taps_after(node.op, inputs, index, records),
    )
    if records[index].macs:
        return found._replace(products=frozenset({index}))
    if node.op in SUMS:
        return _sum(inputs[0], index, records, found)
    if node.op in KEEPS_PRODUCTS:
        products = frozenset().union(*(each.products for each in inputs))
        if products:
            found = found._replace(products=products | {index})
    if node.op == "Sub" and _is_spread(node, body):
        found = found._replace(difference=index)
    squared = inputs[0].difference if _squares(node, inputs) else -1
    if squared >= 0:
        return found._replace(squares=frozenset({squared, index}))
    is_index = not body.value(node.outputs[0]).is_float  # whose digits are no signal
    if node.op == "Mul" and not is_index and _are_factors(node, body):
        found = found._replace(factors=index)
    return found


def _sum(
    summed: Provenance, index: int, records: list[WorkRecord], found: Provenance
) -> Provenance:
    """Return the result of a sum; turn it and what it sums into multiply-accumulates."""
    record = records[index]
    parts = set(summed.squares)
    if summed.factors >= 0:
        parts = {summed.factors}
    elif summed.difference >= 0 and Kind.POINTWISE in record.work:
        parts = {summed.difference}
    if not parts:
        return found
    record.work = {Kind.LINEAR: record.work[Kind.REDUCE]}
    record.op = "linear"
    for part in parts:
        record.take(records[part])
    return found._replace(products=frozenset({index}))


def _squares(node: Node, inputs: Sequence[Provenance]) -> bool:
    if node.op == "Mul":
        return node.inputs[0] == node.inputs[1]
    exponent = inputs[1].array if node.op == "Pow" else None
    return exponent is not None and exponent.size == 1 and bool(exponent.flat[0] == 2)


def _is_spread(node: Node, body: Body) -> bool:
    """Return whether both operands are repeated for each other."""
    out = body.value(node.outputs[0]).values
    return all(body.value(name).values < out for name in node.inputs)


def _are_factors(node: Node, body: Body) -> bool:
    """Return whether two tensors are multiplied, neither of them a number."""
    return len(set(node.inputs)) == 2 and all(body.value(name).values > 1 for name in node.inputs)
