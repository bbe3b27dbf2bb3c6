"""Cost formulas for convolutions.

A convolution does ``C_in / groups * kernel`` multiply-accumulates for each value of its result, a
transposed one ``C_out / groups * kernel`` for each value of its input.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.onnx.formulas.node_formulas import NodeCall, NodeWork, counts


@counts("Conv")
def convolution(call: NodeCall) -> NodeWork:
    """Inputs: ``[N, C, ...]``, weight ``[M, C / groups, ...]``, bias."""
    return _convolution(call, call.shape(0), call.shape(1), call.has(2))


@counts("ConvInteger")
def integer_convolution(call: NodeCall) -> NodeWork:
    """Inputs: data and weight, then their zeros."""
    return _convolution(call, call.shape(0), call.shape(1), biased=False)


@counts("QLinearConv")
def quantized_convolution(call: NodeCall) -> NodeWork:
    """Inputs: data, its scale and zero, weight, its scale and zero, those of the result, bias."""
    return _convolution(call, call.shape(0), call.shape(3), call.has(8))


@counts("ConvTranspose")
def transposed_convolution(call: NodeCall) -> NodeWork:
    """Inputs: ``[N, C, ...]``, weight ``[C, M / groups, ...]``, bias."""
    data, weight = call.shape(0), call.shape(1)
    work: dict[str, int] = {Kind.TRANSPOSED_CONV: prod(data) * prod(weight[1:])}
    if call.has(2):
        work[Kind.BIAS] = call.out_values
    geometry = _geometry(call, data[1], call.out[1], weight)
    return NodeWork("transposed_conv", work, geometry, data[0] * prod(data[2:]))


def _convolution(
    call: NodeCall, data: tuple[int, ...], weight: tuple[int, ...], biased: bool
) -> NodeWork:
    out = call.out
    work: dict[str, int] = {Kind.CONV: call.out_values * prod(weight[1:])}
    if biased:
        work[Kind.BIAS] = call.out_values
    return NodeWork("conv", work, _geometry(call, data[1], out[1], weight), out[0] * prod(out[2:]))


def _geometry(
    call: NodeCall, channels_in: int, channels_out: int, weight: tuple[int, ...]
) -> Geometry:
    """Return the geometry along the last axis."""
    strides, dilations = (call.attributes.get(name) or [1] for name in ("strides", "dilations"))
    groups = call.attributes.get("group", 1)
    return Geometry(channels_in, channels_out, weight[-1], strides[-1], dilations[-1], groups)
