"""Formulas of what is computed value by value, of sums, norms, lookups and Fourier transforms.

One unit of work is one operation on one value. A sum or a comparison takes one per value that
goes in, linear interpolation three per value and axis (a difference, a product, a sum), a norm
five per value (mean 1, variance 2, subtract and scale 2), and one more each for a learned weight
and a learned bias, besides one square root and one division per statistic.

A complex Fourier transform of N values has ``N / 2 log2 N`` butterflies, rounded up where N is no
power of two; one of real values, in or out, half as many.
"""

from __future__ import annotations

from math import ceil, log2, prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.call import Call, Formula, Shape, Work
from lrac_audit.witness.trace.products import softmax_work
from lrac_audit.witness.trace.table import FORMULAS, counts, words


def channels_of(shape: Shape) -> int:
    """The axis that channels are on: the second of ``[B, C, T]``, else the last."""
    if len(shape) >= 3:
        return shape[1]
    return shape[-1] if shape else 1


def over_values(op: str, work: dict[str, int], shape: Shape) -> Work:
    """An operation on every value of ``shape``."""
    width = channels_of(shape)
    return Work(op, work, Geometry(width, width), shape.values // max(width, 1))


def _per_value(op: str, **units: int) -> Formula:
    """``units`` of work for each value of the result."""

    def formula(call: Call) -> Work:
        values = call.out[0].values
        return over_values(op, {kind: n * values for kind, n in units.items()}, call.out[0])

    return formula


def _per_input(op: str, **units: int) -> Formula:
    """``units`` of work for each value of the first argument."""

    def formula(call: Call) -> Work:
        values = call.shape(0).values
        return over_values(op, {kind: n * values for kind, n in units.items()}, call.shape(0))

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
    counts(*_operators)(_per_value(_name, **{_name: 1}))

_PLAIN = words("""
mul neg abs clamp clamp_min clamp_max square sign sgn round floor ceil trunc frac fmod
remainder maximum minimum fmax fmin threshold hardtanh hardswish hardsigmoid hardshrink softshrink
where masked_fill eq ne lt le gt ge logical_and logical_or logical_not logical_xor bitwise_and
bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift __lshift__ __rshift__
isnan isinf isfinite isclose nan_to_num positive conj_physical polar complex angle copysign
heaviside tril triu floor_divide rrelu real imag""")
counts(*_PLAIN)(_per_value("pointwise", pointwise=1))
counts("addcmul", "glu")(_per_value("pointwise", pointwise=2))
counts("addcdiv")(_per_value("pointwise", pointwise=2, division=1))
counts("lerp")(_per_value("pointwise", pointwise=3))
counts("div", "reciprocal", "true_divide")(_per_value("pointwise", division=1))
counts("sqrt")(_per_value("pointwise", square_root=1))
counts("rsqrt")(_per_value("pointwise", square_root=1, division=1))
_CURVES = words("""
exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh asinh
acosh atanh erf erfc erfinv pow float_power softplus mish log_sigmoid_forward logaddexp sinc
logit celu selu""")


@counts(*(name for name in _CURVES if name != "pow"))
def curve(call: Call) -> Work:
    """One value of a function that takes a series."""
    return over_values("pointwise", {Kind.TRANSCENDENTAL: call.out[0].values}, call.out[0])


@counts("pow")
def power(call: Call) -> Work:
    """A square, a cube and the like are products."""
    exponent = call.args[1]
    values = call.out[0].values
    if isinstance(exponent, int | float) and exponent in (2, 3, 4):
        return over_values("pointwise", {Kind.POINTWISE: int(exponent) // 2 * values}, call.out[0])
    return over_values("pointwise", {Kind.TRANSCENDENTAL: values}, call.out[0])


@counts("add", "sub", "rsub")
def add(call: Call) -> Work:
    """Two full tensors are two paths; a smaller one is a bias, a number just an operation."""
    first, second, out = call.args[0], call.args[1], call.out[0]
    if not (isinstance(first, Shape) and isinstance(second, Shape)):
        return over_values("pointwise", {Kind.POINTWISE: out.values}, out)
    if first.values == second.values == out.values:
        return over_values("add", {Kind.RESIDUAL_ADD: out.values}, out)
    if min(first.values, second.values) == 1:
        return over_values("pointwise", {Kind.POINTWISE: out.values}, out)
    return over_values("add", {Kind.BIAS: out.values}, out)


_SUMS = words("""
sum mean prod nansum amax amin max min argmax argmin topk sort argsort all any median
kthvalue mode cumsum cumprod cummax cummin logcumsumexp max_pool2d_with_indices count_nonzero
max_pool3d_with_indices aminmax index_add scatter_add scatter_reduce""")
counts(*_SUMS)(_per_input("reduce", reduce=1))
counts("linalg_vector_norm", "norm")(_per_input("reduce", reduce=1, pointwise=1))
counts("var", "std", "var_mean", "std_mean")(_per_input("reduce", reduce=2, pointwise=2))
counts("mse_loss")(_per_input("reduce", reduce=1, pointwise=2))
counts("logsumexp")(_per_input("softmax", reduce=2, pointwise=1, transcendental=1))


@counts("_softmax", "_log_softmax", "_safe_softmax")
def softmax(call: Call) -> Work:
    """See :func:`lrac_audit.witness.trace.products.softmax_work`."""
    return over_values("softmax", softmax_work(call.out[0].values), call.out[0])


@counts("avg_pool1d", "avg_pool2d", "avg_pool3d")
def pool(call: Call) -> Work:
    """A sum of ``kernel`` values for each value that comes out."""
    kernel = prod(call.args[1])
    return over_values("pool", {Kind.REDUCE: kernel * call.out[0].values}, call.out[0])


counts("adaptive_avg_pool1d", "_adaptive_avg_pool2d", "_adaptive_avg_pool3d")(
    _per_input("pool", reduce=1)
)
counts("upsample_linear1d")(_per_value("interpolation", pointwise=3))
counts("upsample_bilinear2d")(_per_value("interpolation", pointwise=9))


def _norm(x: Shape, statistics: int, learned: int) -> Work:
    work = {
        Kind.REDUCE: 2 * x.values,
        Kind.POINTWISE: (3 + learned) * x.values,
        Kind.SQUARE_ROOT: statistics,
        Kind.DIVISION: statistics,
    }
    return over_values("norm", work, x)


def _present(*arguments: object) -> int:
    return sum(argument is not None for argument in arguments)


@counts("native_layer_norm")
def layer_norm(call: Call) -> Work:
    """Input, the shape that is normalised, weight, bias."""
    x = call.shape(0)
    return _norm(x, x.values // prod(call.args[1]), _present(call.args[2], call.args[3]))


@counts("native_group_norm")
def group_norm(call: Call) -> Work:
    """Input, weight, bias, batch, channels, positions, groups."""
    statistics = call.args[3] * call.args[6]
    return _norm(call.shape(0), statistics, _present(call.args[1], call.args[2]))


@counts("native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training")
def batch_norm(call: Call) -> Work:
    """A scale and a shift for each value when the statistics are given, which can be folded."""
    x = call.shape(0)
    if call.args[5] is True:
        return _norm(x, x[1], _present(call.args[1], call.args[2]))
    return over_values("norm", {Kind.POINTWISE: 2 * x.values}, x)


@counts("_fused_rms_norm")
def rms_norm(call: Call) -> Work:
    """A square and a sum, a scale, and a learned one: no mean."""
    x = call.shape(0)
    statistics = x.values // prod(call.args[1])
    work = {
        Kind.REDUCE: x.values,
        Kind.POINTWISE: (2 + _present(call.args[2])) * x.values,
        Kind.SQUARE_ROOT: statistics,
        Kind.DIVISION: statistics,
    }
    return over_values("norm", work, x)


@counts("embedding", "index_select", "gather", "index", "take", "embedding_bag")
def lookup(call: Call) -> Work:
    """Reading rows of a table."""
    width = call.out[0][-1] if call.out[0] else 1
    runs = call.out[0].values // max(width, 1)
    return Work("lookup", {Kind.LOOKUP: runs}, Geometry(1, width), runs)


def butterflies(size: int, real: bool) -> int:
    """Of one transform of ``size`` values, real in or out, or complex on both sides."""
    if size < 2:
        return 0
    exact = size.bit_length() - 1 if size & (size - 1) == 0 else log2(size)
    return ceil(size * exact / (4 if real else 2))


def _fourier(shape: Shape, axes: list[int], real: bool) -> Work:
    """Transforms along ``axes`` of ``shape``; the real one comes along the last of them."""
    work = 0
    for axis in axes:
        is_real = real and axis == axes[-1]
        size = shape[axis]
        work += shape.values // max(size, 1) * butterflies(size, is_real)
    size = shape[axes[-1]]
    return Work("fft", {Kind.BUTTERFLY: work}, Geometry(size, size), shape.values // max(size, 1))


@counts("_fft_r2c")
def real_to_complex(call: Call) -> Work:
    """Input, axes, normalisation, one-sided."""
    return _fourier(call.shape(0), call.args[1], real=True)


@counts("_fft_c2r")
def complex_to_real(call: Call) -> Work:
    """Input, axes, normalisation, size of the result's last axis."""
    return _fourier(call.out[0], call.args[1], real=True)


@counts("_fft_c2c")
def complex_to_complex(call: Call) -> Work:
    """Input, axes, normalisation, direction."""
    return _fourier(call.shape(0), call.args[1], real=False)


NO_PRODUCTS = tuple(
    name.removeprefix("aten.")
    for name, formula in FORMULAS.items()
    if formula.__module__ == __name__
)
"""Operators of this module, in which nothing is multiplied and accumulated."""
