"""Cost formulas for convolutions.

A convolution does ``C_in / groups * C_out * kernel`` multiply-accumulates per output step, a
transposed one as many per *input* step.
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
