"""A kind of layer for lists that the packages do not know: everything about it stands in this file.

A gated convolution runs a convolution to twice its channels, and multiplies one half by the sigmoid
of the other. A file names it ``gated_conv``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.layers.convolution import Size, Steps, check_look_ahead
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, conv_row
from lrac_audit.ledger.row import Geometry, Kind, Row
from reference_models.nn.conv import StreamingConv1d, Window
from reference_models.nn.layer_modules import LAYER_MODULES


@dataclass(frozen=True, slots=True)
class GatedConv(Layer):
    """A convolution whose output opens and closes itself."""

    kernel: Size
    """Taps."""
    channels: Size | None = None
    """Output channels. None keeps the width."""
    look_ahead: Steps = 0
    """Steps of the padding on the right."""

    @property
    def look_ahead_steps(self) -> int:
        """Input steps after its own that an output waits for."""
        return self.look_ahead

    @property
    def padding(self) -> int:
        """Steps of padding in all."""
        return self.kernel - 1

    def channels_after(self, channels: int) -> int:
        """Return the output channels."""
        return self.channels or channels


def row(step: Step) -> Row:
    """Return the row of the convolution, with a sigmoid and a product for each output value."""
    layer, after = step.part, step.channels_out
    geometry = Geometry(step.channels_in, 2 * after, layer.kernel)
    found = conv_row(step, geometry, layer.look_ahead)
    gated = after * step.runs_per_frame
    gate = {"sigmoid": gated, Kind.POINTWISE: gated}
    return found._replace(
        op="gated_conv", geometry=geometry._replace(channels_out=after), work=found.work | gate
    )


class GatedConvModule(StreamingConv1d):
    """A convolution to twice the channels, and the gate behind it."""

    def step(self, x: Tensor, state: Window, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        opened, gate = super().step(x, state, last).chunk(2, 1)
        return opened * torch.sigmoid(gate)


def module(step: Step) -> GatedConvModule:
    """Return the module."""
    layer = step.part
    widths = step.channels_in, 2 * step.channels_out
    return GatedConvModule(*widths, layer.kernel, look_ahead=layer.look_ahead)


def register() -> None:
    """Enter the kind, as the import of its module does for those of the packages."""
    layer_kind("gated_conv")(GatedConv)
    CHECKS.add(GatedConv)(check_look_ahead)
    LAYER_ROWS.add(GatedConv)(row)
    LAYER_MODULES.add(GatedConv)(module)
