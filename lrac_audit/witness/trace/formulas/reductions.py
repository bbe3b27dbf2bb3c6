"""Cost formulas for reductions: sums, choices, pooling and norms; and for lookups.

A sum or a comparison takes one unit of work per input value, a norm five per value (mean 1,
variance 2, subtract and scale 2), and one more each for a learned weight and a learned bias,
besides one square root and one division per statistic.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.formulas.formula_table import Shape, ShapedCall, Work, counts, words
from lrac_audit.witness.trace.formulas.matrix_products import softmax_work
from lrac_audit.witness.trace.formulas.pointwise import over_values, per_input

_SUMS = words("""
sum mean prod nansum amax amin max min argmax argmin topk sort argsort all any median
kthvalue mode cumsum cumprod cummax cummin logcumsumexp max_pool2d_with_indices count_nonzero
max_pool3d_with_indices aminmax""")
counts(*_SUMS)(per_input("reduce", reduce=1))
counts("index_add", "scatter_add", "scatter_reduce")(per_input("reduce", 3, reduce=1))
counts("linalg_vector_norm", "norm")(per_input("reduce", reduce=1, pointwise=1))
counts("var", "std", "var_mean", "std_mean")(per_input("reduce", reduce=2, pointwise=2))
counts("mse_loss", "smooth_l1_loss")(per_input("reduce", reduce=1, pointwise=2))
counts("logsumexp")(per_input("softmax", reduce=2, pointwise=1, transcendental=1))


@counts("_softmax", "_log_softmax", "_safe_softmax")
def softmax(call: ShapedCall) -> Work:
    """Count as in :func:`lrac_audit.witness.trace.formulas.matrix_products.softmax_work`."""
    return over_values("softmax", softmax_work(call.out[0].values), call.out[0])


@counts("avg_pool1d", "avg_pool2d", "avg_pool3d")
def pool(call: ShapedCall) -> Work:
    """Count a sum of ``kernel`` values for each value of the result."""
    kernel = prod(call.args[1])
    return over_values("pool", {Kind.REDUCE: kernel * call.out[0].values}, call.out[0])


counts("adaptive_avg_pool1d", "_adaptive_avg_pool2d", "_adaptive_avg_pool3d")(
    per_input("pool", reduce=1)
)


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
def layer_norm(call: ShapedCall) -> Work:
    """Arguments: input, the shape that is normalised, weight, bias."""
    x = call.shape(0)
    return _norm(x, x.values // prod(call.args[1]), _present(call.args[2], call.args[3]))


@counts("native_group_norm")
def group_norm(call: ShapedCall) -> Work:
    """Arguments: input, weight, bias, batch, channels, positions, groups."""
    statistics = call.args[3] * call.args[6]
    return _norm(call.shape(0), statistics, _present(call.args[1], call.args[2]))


@counts("native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training")
def batch_norm(call: ShapedCall) -> Work:
    """Count a scale and a shift for each value if the statistics are given, which can be folded."""
    x = call.shape(0)
    if call.args[5] is True:
        return _norm(x, x[1], _present(call.args[1], call.args[2]))
    return over_values("norm", {Kind.POINTWISE: 2 * x.values}, x)


@counts("_fused_rms_norm")
def rms_norm(call: ShapedCall) -> Work:
    """Count a square and a sum, a scale, and a learned scale; there is no mean."""
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
def lookup(call: ShapedCall) -> Work:
    """Count the rows that are read from a table."""
    width = call.out[0][-1] if call.out[0] else 1
    runs = call.out[0].values // max(width, 1)
    return Work("lookup", {Kind.LOOKUP: runs}, Geometry(1, width), runs)
