"""Cost formulas for pointwise operations.

One unit of work is one operation on one value. Linear interpolation takes three per value and axis:
a difference, a product, a sum.
"""

from __future__ import annotations

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.formulas.formula_table import (
    Formula,
    Shape,
    ShapedCall,
    Work,
    counts,
    words,
)


def channels_of(shape: Shape) -> int:
    """Return the number of channels: the second axis of ``[B, C, T]``, else the last."""
    if len(shape) >= 3:
        return shape[1]
    return shape[-1] if shape else 1


def over_values(op: str, work: dict[str, int], shape: Shape) -> Work:
    """Return ``work`` done by an operation on every value of ``shape``."""
    width = channels_of(shape)
    return Work(op, work, Geometry(width, width), shape.values // max(width, 1))


def per_value(op: str, **units: int) -> Formula:
    """Return a formula of ``units`` of work for each value of the result."""

    def formula(call: ShapedCall) -> Work:
        values = call.out[0].values
        return over_values(op, {kind: n * values for kind, n in units.items()}, call.out[0])

    return formula


def per_input(op: str, index: int = 0, /, **units: int) -> Formula:
    """Return a formula of ``units`` of work for each value of an argument, else of the first."""

    def formula(call: ShapedCall) -> Work:
        given = call.shape(index)
        return over_values(op, {kind: n * given.values for kind, n in units.items()}, given)

    return formula


for _name, _operators in {
    "elu": ("elu",),
    "relu": ("relu", "relu6"),
    "leaky_relu": ("leaky_relu",),
    "prelu": ("_prelu_kernel", "prelu"),
    "gelu": ("gelu",),
    "silu": ("silu",),
    "tanh": ("tanh",),
    "sigmoid": ("sigmoid",),
}.items():
    counts(*_operators)(per_value(_name, **{_name: 1}))

_PLAIN = words("""
mul neg abs clamp clamp_min clamp_max square sign sgn round floor ceil trunc frac fmod
remainder maximum minimum fmax fmin threshold hardtanh hardswish hardsigmoid hardshrink softshrink
where masked_fill eq ne lt le gt ge logical_and logical_or logical_not logical_xor bitwise_and
bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift __lshift__ __rshift__
isnan isinf isfinite isclose nan_to_num positive conj_physical complex copysign
heaviside tril triu floor_divide rrelu real imag""")
counts(*_PLAIN)(per_value("pointwise", pointwise=1))
counts("addcmul", "glu")(per_value("pointwise", pointwise=2))
counts("addcdiv")(per_value("pointwise", pointwise=2, division=1))
counts("polar")(per_value("pointwise", pointwise=2, transcendental=2))
counts("lerp")(per_value("pointwise", pointwise=3))
counts("div", "reciprocal", "true_divide")(per_value("pointwise", division=1))
counts("upsample_linear1d")(per_value("interpolation", pointwise=3))
counts("upsample_bilinear2d")(per_value("interpolation", pointwise=9))
counts("sqrt")(per_value("pointwise", square_root=1))
counts("rsqrt")(per_value("pointwise", square_root=1, division=1))
_CURVES = words("""
exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh asinh
acosh atanh angle erf erfc erfinv pow float_power softplus mish log_sigmoid_forward logaddexp sinc
logit celu selu""")


@counts(*(name for name in _CURVES if name != "pow"))
def curve(call: ShapedCall) -> Work:
    """Count one transcendental function for each value."""
    return over_values("pointwise", {Kind.TRANSCENDENTAL: call.out[0].values}, call.out[0])


@counts("pow")
def power(call: ShapedCall) -> Work:
    """Count a square, a cube or a fourth power as products, any other power as transcendental."""
    exponent = call.args[1]
    values = call.out[0].values
    if isinstance(exponent, int | float) and exponent in (2, 3, 4):
        products = (int(exponent) + 1) // 2  # 1, 2 and 2
        return over_values("pointwise", {Kind.POINTWISE: products * values}, call.out[0])
    return over_values("pointwise", {Kind.TRANSCENDENTAL: values}, call.out[0])


@counts("add", "sub", "rsub")
def add(call: ShapedCall) -> Work:
    """Count full-size tensors as a residual add, a smaller one as bias, a number as pointwise."""
    first, second, out = call.args[0], call.args[1], call.out[0]
    if not (isinstance(first, Shape) and isinstance(second, Shape)):
        return over_values("pointwise", {Kind.POINTWISE: out.values}, out)
    if first.values == second.values == out.values:
        return over_values("add", {Kind.RESIDUAL_ADD: out.values}, out)
    if min(first.values, second.values) == 1:
        return over_values("pointwise", {Kind.POINTWISE: out.values}, out)
    return over_values("add", {Kind.BIAS: out.values}, out)
