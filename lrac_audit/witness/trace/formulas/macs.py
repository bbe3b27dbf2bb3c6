"""Cost formulas for everything that multiplies and accumulates.

A convolution does ``C_in / groups * C_out * kernel`` multiply-accumulates per output step, a
transposed one as many per *input* step. A product of ``[M, K]`` and ``[K, N]`` does ``M K N``; so
do the distances between M and N vectors of width K. Attention of Q queries to S keys does ``Q S
(d_key + d_value)`` per head.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.formulas.formula_table import Shape, ShapedCall, Work, counts


@counts("convolution", "_convolution", "mkldnn_convolution")
def convolution(call: ShapedCall) -> Work:
    """Arguments: input ``[B, C, ...]``, weight, bias, stride, padding, dilation, transposed."""
    if len(call.args) == 7:
        return _mkldnn_convolution(call)
    x, weight = call.shape(0), call.shape(1)
    biased, stride, dilation = call.args[2] is not None, call.args[3], call.args[5]
    transposed, groups = call.args[6], call.args[8]
    return _convolution(x, weight, call.out[0], biased, transposed, (stride, dilation, groups))


@counts("convolution_backward")
def convolution_backward(call: ShapedCall) -> Work:
    """Count as many multiply-accumulates as forward for each gradient of input and weight.

    Arguments: gradient, input, weight, bias's sizes, stride, padding, dilation, transposed, output
    padding, groups, and which gradients are wanted: of input, weight, bias.
    """
    out, x, weight = call.shape(0), call.shape(1), call.shape(2)
    layout = call.args[4], call.args[6], call.args[9]
    of_input, of_weight, of_bias = call.args[10]
    forward = _convolution(x, weight, out, False, call.args[7], layout)
    products = of_input + of_weight
    work = {kind: products * macs for kind, macs in forward.by_kind.items()}
    if of_bias:
        work[Kind.REDUCE] = out.values
    return Work("conv", work, forward.geometry, forward.runs)


def _mkldnn_convolution(call: ShapedCall) -> Work:
    """Arguments: input, weight, bias, padding, stride, dilation, groups."""
    biased, (stride, dilation, groups) = call.args[2] is not None, call.args[4:7]
    shapes = call.shape(0), call.shape(1), call.out[0]
    return _convolution(*shapes, biased, False, (stride, dilation, groups))


def _convolution(
    x: Shape,
    weight: Shape,
    out: Shape,
    biased: bool,
    transposed: bool,
    layout: tuple[list[int], list[int], int],
) -> Work:
    stride, dilation, groups = layout
    channels_in, channels_out = weight[0], weight[1]
    if transposed:
        channels_out *= groups
    else:
        channels_in, channels_out = channels_out * groups, channels_in
    kernel = prod(weight[2:])
    spatial = len(weight) - 2
    steps = (x if transposed else out).values // (channels_in if transposed else channels_out)
    kind = Kind.TRANSPOSED_CONV if transposed else Kind.CONV
    work: dict[str, int] = {kind: steps * (channels_in // groups) * channels_out * kernel}
    if biased:
        work[Kind.BIAS] = out.values
    geometry = Geometry(
        channels_in, channels_out, kernel, _product(stride, spatial), max(dilation), groups
    )
    return Work("transposed_conv" if transposed else "conv", work, geometry, steps)


def _product(sizes: list[int], spatial: int) -> int:
    """Return the product of a list with one number per spatial dimension, or one for all."""
    return prod(sizes) if len(sizes) == spatial else sizes[0] ** spatial


@counts("conv_tbc")
def conv_tbc(call: ShapedCall) -> Work:
    """Arguments: input ``[T, B, C_in]``, weight ``[k, C_in, C_out]``, bias, padding."""
    kernel, channels_in, channels_out = call.shape(1)
    steps = call.out[0].values // channels_out
    work = {Kind.CONV: steps * channels_in * channels_out * kernel, Kind.BIAS: call.out[0].values}
    return Work("conv", work, Geometry(channels_in, channels_out, kernel), steps)


def _linear(out: Shape, width_in: int, biased: bool) -> Work:
    width_out = out[-1] if out else 1
    work: dict[str, int] = {Kind.LINEAR: out.values * width_in}
    if biased:
        work[Kind.BIAS] = out.values
    return Work("linear", work, Geometry(width_in, width_out), out.values // max(width_out, 1))


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
