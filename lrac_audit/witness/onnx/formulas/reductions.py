"""Cost formulas for reductions: sums, choices, pooling and norms; and for lookups.

A sum or a comparison takes one unit of work for each input value. A norm takes five (mean 1,
variance 2, subtract and scale 2), and one more each for a learned weight and a learned bias,
besides one square root and one division for each statistic.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.onnx.formulas.matrix_products import softmax_units
from lrac_audit.witness.onnx.formulas.node_formulas import (
    NodeCall,
    NodeFormula,
    NodeWork,
    Shape,
    counts,
    over_values,
)
from lrac_audit.witness.onnx.graph_model import words


def per_input(op: str, **units: int) -> NodeFormula:
    """Return a formula of ``units`` of work for each value of the first input."""

    def formula(call: NodeCall) -> NodeWork:
        data = call.shape(0)
        return over_values(op, {kind: n * prod(data) for kind, n in units.items()}, data)

    return formula


_SUMS = "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ArgMax ArgMin TopK CumSum"
counts(*words(_SUMS))(per_input("reduce", reduce=1))
counts("ReduceSumSquare", "ReduceL1")(per_input("reduce", reduce=1, pointwise=1))
counts("ReduceLogSumExp")(per_input("reduce", reduce=2, pointwise=1, transcendental=1))
counts("ReduceLogSum")(per_input("reduce", reduce=1))
counts("GlobalAveragePool", "GlobalMaxPool")(per_input("pool", reduce=1))


@counts("ReduceL2")
def length(call: NodeCall) -> NodeWork:
    """Count squares, their sums, and a square root for each."""
    values = prod(call.shape(0))
    work = {Kind.REDUCE: values, Kind.POINTWISE: values, Kind.SQUARE_ROOT: call.out_values}
    return over_values("reduce", work, call.shape(0))


@counts("Softmax", "LogSoftmax", "Hardmax")
def softmax(call: NodeCall) -> NodeWork:
    """Count maximum, differences, exponentials, their sum and quotients."""
    return over_values("softmax", softmax_units(call.out_values), call.out)


@counts("AveragePool", "MaxPool", "LpPool")
def pool(call: NodeCall) -> NodeWork:
    """Count one operation for each value of each window."""
    kernel = prod(call.attributes["kernel_shape"])
    return over_values("pool", {Kind.REDUCE: kernel * call.out_values}, call.out)


def _norm(data: Shape, statistics: int, learned: int) -> NodeWork:
    work = {
        Kind.REDUCE: 2 * prod(data),
        Kind.POINTWISE: (3 + learned) * prod(data),
        Kind.SQUARE_ROOT: statistics,
        Kind.DIVISION: statistics,
    }
    return over_values("norm", work, data)


@counts("LayerNormalization")
def layer_norm(call: NodeCall) -> NodeWork:
    """Inputs: data, weight, bias; all axes from ``axis`` on are normalised."""
    data = call.shape(0)
    return _norm(data, prod(data[: call.attributes.get("axis", -1)]), 1 + call.has(2))


@counts("RMSNormalization")
def rms_norm(call: NodeCall) -> NodeWork:
    """Count a square and a sum, a scale, and a learned scale; there is no mean."""
    data = call.shape(0)
    statistics = prod(data[: call.attributes.get("axis", -1)])
    work = {
        Kind.REDUCE: prod(data),
        Kind.POINTWISE: 3 * prod(data),
        Kind.SQUARE_ROOT: statistics,
        Kind.DIVISION: statistics,
    }
    return over_values("norm", work, data)


@counts("InstanceNormalization")
def instance_norm(call: NodeCall) -> NodeWork:
    """Inputs: ``[N, C, ...]``, weight, bias."""
    return _norm(call.shape(0), prod(call.shape(0)[:2]), 2)


@counts("GroupNormalization")
def group_norm(call: NodeCall) -> NodeWork:
    """Inputs: ``[N, C, ...]``, weight, bias."""
    return _norm(call.shape(0), call.shape(0)[0] * call.attributes["num_groups"], 2)


@counts("BatchNormalization")
def batch_norm(call: NodeCall) -> NodeWork:
    """Count a scale and a shift for each value, as the statistics are given."""
    return over_values("norm", {Kind.POINTWISE: 2 * call.out_values}, call.out)


@counts("Gather", "GatherElements", "GatherND")
def lookup(call: NodeCall) -> NodeWork:
    """Count the rows that are read from a table."""
    width = call.out[-1] if call.out else 1
    runs = call.out_values // max(width, 1)
    return NodeWork("lookup", {Kind.LOOKUP: runs}, Geometry(1, width), runs)
