"""The work of one node by the formula of its operator, or why it is not known."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.witness.onnx.formulas import NODE_FORMULAS, NodeCall
from lrac_audit.witness.onnx.graph_model import Body, Node
from lrac_audit.witness.onnx.provenance import Provenance, WorkRecord


def record_of(node: Node, inputs: Sequence[Provenance], body: Body, row: str) -> WorkRecord:
    """Return the work of ``node``, which belongs to ``row``, with what it reads."""
    record = _work(node, inputs, body, row)
    record.weights = {name: None for each in inputs for name in sorted(each.weights)}
    record.states = {name: None for each in inputs for name in sorted(each.states)}
    record.after_choice = any(each.after_choice or each.choices for each in inputs)
    return record


def _work(node: Node, inputs: Sequence[Provenance], body: Body, row: str) -> WorkRecord:
    formula = None if node.domain else NODE_FORMULAS.get(node.op)
    if formula is None:
        inside = f" of the domain {node.domain}" if node.domain else ""
        return WorkRecord(row, node.op, {}, problem=f"no cost formula for {node.op}{inside}")
    shapes = [body.value(name).shape if name else None for name in node.inputs]
    outputs = [body.value(name).shape for name in node.outputs if name]
    given = [shape for name, shape in zip(node.inputs, shapes, strict=True) if name]
    if None in given or None in outputs:
        return WorkRecord(row, node.op, {}, problem=f"{node.op} without fixed shapes")
    call = NodeCall(
        tuple(shapes),
        tuple(shape for shape in outputs if shape is not None),
        node.attributes,
        tuple(each.constant for each in inputs),
        tuple(each.array for each in inputs),
    )
    try:
        op, work, geometry, runs = formula(call)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return WorkRecord(row, node.op, {}, problem=f"{node.op} cannot be counted: {error}")
    return WorkRecord(row, op, {kind: n for kind, n in work.items() if n}, geometry, runs)
