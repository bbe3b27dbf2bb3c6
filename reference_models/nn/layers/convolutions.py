"""Modules of the convolutions of a list."""

from __future__ import annotations

from lrac_audit.design.layers.convolution import DepthwiseConv, ListedConv
from lrac_audit.design.layers.transposed_convolution import ListedTransposedConv
from lrac_audit.design.steps import Step
from reference_models.nn.conv import StreamingConv1d, StreamingConvTranspose1d
from reference_models.nn.framing import Overlap
from reference_models.nn.layer_modules import LAYER_MODULES
from reference_models.nn.streaming import CalledSteps


class UnbiasedTransposedConv(CalledSteps[Overlap], StreamingConvTranspose1d):  # type: ignore[misc]
    """One without bias, so that its last operation is a cut, which touches no parameter."""


@LAYER_MODULES.add(ListedConv)
def conv(step: Step) -> StreamingConv1d:
    """Return a convolution."""
    layer, widths = step.part, (step.channels_in, step.channels_out)
    geometry = layer.kernel, layer.stride, layer.dilation, layer.groups
    return StreamingConv1d(*widths, *geometry, look_ahead=layer.look_ahead, bias=layer.bias)


@LAYER_MODULES.add(DepthwiseConv)
def depthwise_conv(step: Step) -> StreamingConv1d:
    """Return a convolution of as many groups as channels."""
    layer, width = step.part, step.channels_in
    geometry = layer.kernel, 1, layer.dilation, width
    return StreamingConv1d(width, width, *geometry, look_ahead=layer.look_ahead, bias=layer.bias)


@LAYER_MODULES.add(ListedTransposedConv)
def transposed_conv(step: Step) -> StreamingConvTranspose1d:
    """Return a transposed convolution."""
    layer, widths = step.part, (step.channels_in, step.channels_out)
    geometry = layer.kernel, layer.stride, layer.groups, layer.trim_left
    if not layer.bias:
        return UnbiasedTransposedConv(*widths, *geometry, bias=False)
    return StreamingConvTranspose1d(*widths, *geometry)
