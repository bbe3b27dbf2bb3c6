"""Cost formulas for pointwise operations: one unit of work for each value of the result."""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.onnx.formulas.node_formulas import (
    NodeCall,
    NodeFormula,
    NodeWork,
    counts,
    over_values,
)
from lrac_audit.witness.onnx.graph_model import words


def per_value(op: str, **units: int) -> NodeFormula:
    """Return a formula of ``units`` of work for each value of the result."""

    def formula(call: NodeCall) -> NodeWork:
        values = call.out_values
        return over_values(op, {kind: n * values for kind, n in units.items()}, call.out)

    return formula


for _name, _operators in {
    "elu": ("Elu",),
    "relu": ("Relu",),
    "leaky_relu": ("LeakyRelu",),
    "prelu": ("PRelu",),
    "gelu": ("Gelu",),
    "silu": ("Swish",),
    "tanh": ("Tanh",),
    "sigmoid": ("Sigmoid",),
}.items():
    counts(*_operators)(per_value(_name, **{_name: 1}))

_PLAIN = """
Abs And BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Clip Equal Floor Ceil Greater
GreaterOrEqual HardSigmoid HardSwish IsInf IsNaN Less LessOrEqual Mod Mul Neg Not Or Round Shrink
Sign ThresholdedRelu Where Xor"""
counts(*words(_PLAIN))(per_value("pointwise", pointwise=1))
_CURVES = """
Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Erf Exp Log Mish Selu Sin Sinh Softplus Tan"""
counts(*words(_CURVES))(per_value("pointwise", transcendental=1))
counts("Reciprocal", "Softsign")(per_value("pointwise", division=1))
counts("Sqrt")(per_value("pointwise", square_root=1))
counts("QuantizeLinear")(per_value("pointwise", division=1, pointwise=3))
counts("DequantizeLinear")(per_value("pointwise", pointwise=2))
counts("DynamicQuantizeLinear")(per_value("pointwise", division=1, pointwise=3, reduce=2))


@counts("Add", "Sub")
def addition(call: NodeCall) -> NodeWork:
    """Count two full-size signals as a residual add, a constant or a smaller one as bias.

    A single number is pointwise work.
    """
    out, sizes = call.out_values, [prod(call.shape(0)), prod(call.shape(1))]
    if min(sizes) == 1 < out:
        return over_values("pointwise", {Kind.POINTWISE: out}, call.out)
    is_sum = sizes == [out, out] and not any(call.constants)
    return over_values("add", {Kind.RESIDUAL_ADD if is_sum else Kind.BIAS: out}, call.out)


@counts("Div")
def quotient(call: NodeCall) -> NodeWork:
    """Count a quotient by known whole numbers like a remainder, any other one as a division."""
    divisor = call.arrays[1] if len(call.arrays) > 1 else None
    is_whole = divisor is not None and divisor.dtype.kind in "iu"
    work = {Kind.POINTWISE if is_whole else Kind.DIVISION: call.out_values}
    return over_values("pointwise", work, call.out)


@counts("Max", "Min", "Sum", "Mean")
def joined(call: NodeCall) -> NodeWork:
    """Count one operation less than there are inputs."""
    units = (len(call.inputs) - 1) * call.out_values
    return over_values("pointwise", {Kind.POINTWISE: units}, call.out)


@counts("Pow")
def power(call: NodeCall) -> NodeWork:
    """Count a square, a cube or a fourth power as products, any other power as transcendental."""
    exponents = call.arrays[1] if len(call.arrays) > 1 else None
    exponent = float(exponents.flat[0]) if exponents is not None and exponents.size == 1 else None
    if exponent in (2, 3, 4):
        products = (int(exponent) + 1) // 2  # 1, 2 and 2
        return over_values("pointwise", {Kind.POINTWISE: products * call.out_values}, call.out)
    return over_values("pointwise", {Kind.TRANSCENDENTAL: call.out_values}, call.out)
