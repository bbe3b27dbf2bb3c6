"""Rows of the convolutions of a list."""

from __future__ import annotations

from lrac_audit.design.layers.convolution import DepthwiseConv, ListedConv
from lrac_audit.design.layers.transposed_convolution import ListedTransposedConv
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, conv_row, transposed_conv_row
from lrac_audit.ledger.row import Geometry, Row


@LAYER_ROWS.add(ListedConv)
def conv(step: Step) -> Row:
    """Return the row of a convolution."""
    layer, widths = step.part, (step.channels_in, step.channels_out)
    geometry = Geometry(*widths, layer.kernel, layer.stride, layer.dilation, layer.groups)
    return conv_row(step, geometry, layer.look_ahead, layer.bias)


@LAYER_ROWS.add(DepthwiseConv)
def depthwise_conv(step: Step) -> Row:
    """Return the row of a convolution of as many groups as channels."""
    layer, width = step.part, step.channels_in
    geometry = Geometry(width, width, layer.kernel, 1, layer.dilation, width)
    return conv_row(step, geometry, layer.look_ahead, layer.bias)


@LAYER_ROWS.add(ListedTransposedConv)
def transposed_conv(step: Step) -> Row:
    """Return the row of a transposed convolution."""
    return transposed_conv_row(step, step.part.bias)
