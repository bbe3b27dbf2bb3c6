"""Cost formulas for matrix products, and for what is made of them.

A product of ``[M, K]`` and ``[K, N]`` does ``M K N`` multiply-accumulates; so do the distances
between M and N vectors of width K. Attention of Q queries to S keys does ``Q S (d_key + d_value)``
per head.
"""

from __future__ import annotations

from dataclasses import replace

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.formulas.formula_table import Shape, ShapedCall, Work, counts


def _linear(out: Shape, width_in: int, biased: bool) -> Work:
    width_out = out[-1] if out else 1
    work: dict[str, int] = {Kind.LINEAR: out.values * width_in}
    if biased:
        work[Kind.BIAS] = out.values
    return Work("linear", work, Geometry(width_in, width_out), out.values // max(width_out, 1))


def of_complex_numbers(work: Work) -> Work:
    """Return the work on complex numbers: 4 real multiply-accumulates for a product, 2 sums."""
    factors = {Kind.LINEAR: 4, Kind.BIAS: 2, Kind.RESIDUAL_ADD: 2}
    by_kind = {kind: factors.get(kind, 1) * n for kind, n in work.by_kind.items()}
    return replace(work, by_kind=by_kind)


@counts("mm", "bmm", "mv", "dot", "vdot", "_int_mm")
def product(call: ShapedCall) -> Work:
    """Arguments: two factors; the last axis of the first is summed over."""
    return _linear(call.out[0], call.shape(0)[-1], biased=False)


@counts("addmm", "baddbmm", "addmv", "_addmm_activation")
def added_product(call: ShapedCall) -> Work:
    """Arguments: a summand, then two factors."""
    return _linear(call.out[0], call.shape(1)[-1], biased=True)


@counts("addbmm")
def summed_products(call: ShapedCall) -> Work:
    """Arguments: a summand, ``[B, M, K]`` and ``[B, K, N]``, whose products are summed over B."""
    batch, _, width = call.shape(1)
    return _linear(call.out[0], batch * width, biased=True)


@counts("addr")
def outer_product(call: ShapedCall) -> Work:
    """Arguments: a matrix to add, then two vectors."""
    return _linear(call.out[0], 1, biased=False)


@counts("linear")
def linear(call: ShapedCall) -> Work:
    """Arguments: input ``[..., K]``, weight ``[N, K]``, bias."""
    return _linear(call.out[0], call.shape(1)[-1], biased=call.args[2] is not None)


@counts("_trilinear")
def bilinear(call: ShapedCall) -> Work:
    """Arguments: input ``[B, I]``, weight ``[O, I, J]``, input ``[B, J]``.

    The first input meets the weight, and the result of width J the second input.
    """
    weight, out = call.shape(1), call.out[0]
    width_out, _, width = weight
    steps = out.values // width_out
    work = {Kind.LINEAR: steps * (weight.values + width_out * width)}
    return Work("linear", work, Geometry(width, width_out), steps)


@counts("_cdist_forward", "_euclidean_dist")
def distances(call: ShapedCall) -> Work:
    """Arguments: ``[..., M, K]`` and ``[..., N, K]``; the result is ``[..., M, N]``."""
    return _linear(call.out[0], call.shape(0)[-1], biased=False)


@counts(
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_attention_math",
    "_scaled_dot_product_attention_math_for_mps",
    "_scaled_dot_product_fused_attention_overrideable",
)
def attention(call: ShapedCall) -> Work:
    """Arguments: queries ``[..., Q, d]``, keys ``[..., S, d]``, values ``[..., S, v]``.

    Every query is counted with every key; which pairs a mask allows does not show in the shapes.
    """
    query, key, value = call.shape(0), call.shape(1), call.shape(2)
    runs = query.values // query[-1]
    macs = runs * key[-2] * (query[-1] + value[-1])
    pairs = runs * key[-2]
    work = {Kind.LINEAR: macs, **softmax_work(pairs)}
    return Work("attention", work, Geometry(query[-1], value[-1]), runs)


def softmax_work(values: int) -> dict[str, int]:
    """Return the work of a softmax: maximum, differences, exponentials, their sum, quotients."""
    return {
        Kind.REDUCE: 2 * values,
        Kind.POINTWISE: values,
        Kind.TRANSCENDENTAL: values,
        Kind.DIVISION: values,
    }


@counts("mkldnn_rnn_layer")
def fused_lstm_layer(call: ShapedCall) -> Work:
    """Arguments: input ``[T, B, C]``, weights ``[4 H, C]`` and ``[4 H, H]``, two biases."""
    steps = call.shape(0).values // call.shape(0)[-1]
    inner, outer = call.shape(1), call.shape(2)
    hidden = outer[-1]
    work = {
        Kind.LINEAR: steps * (inner.values + outer.values),
        Kind.BIAS: steps * 2 * inner[0],
        "sigmoid": steps * 3 * hidden,
        "tanh": steps * 2 * hidden,
        Kind.GATE_ARITHMETIC: steps * 4 * hidden,
    }
    return Work("lstm", work, Geometry(inner[-1], hidden), steps)
