"""ConvNeXt blocks: a depthwise convolution, then a norm and two linear maps (Liu et al. 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.activations import Activation
from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.kernel import WaitingKernel
from lrac_audit.design.layer import layer_kind
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.layers.convolution import DepthwiseConv, check_look_ahead
from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.layers.norms import LayerNorm
from lrac_audit.design.layers.scale import Scale
from lrac_audit.design.path import COMPOSITES, Position, Steps
from lrac_audit.design.steps import Sum
from lrac_audit.validation.kinds import Whole

GELU = Activation("gelu")


@layer_kind("convnext")
@dataclass(frozen=True, slots=True)
class ConvNext(WaitingKernel):
    """``x + scale(down(gelu(up(norm(depthwise(x))))))``, at an unchanged width and rate."""

    kernel: Annotated[int, Whole(1, MAX_SIZE)]
    """Taps of the depthwise convolution."""
    dilation: Annotated[int, Whole(1, MAX_SIZE)] = 1
    """Distance between taps, in steps."""
    look_ahead: Annotated[int, Whole(0, MAX_SIZE)] = 0
    """Steps of the padding on the right, for which an output waits; 0 is causal."""
    expansion: Annotated[int, Whole(1, MAX_SIZE)] = 4
    """Channels between the two linear maps for each channel of the block."""
    scale: bool = False
    """Whether the branch ends with a learned factor for each channel."""
    bias: bool = True
    """Whether the convolution and the linear maps add learned values."""


@COMPOSITES.add(ConvNext)
def _steps(at: Position, path: str, block: ConvNext) -> Steps:
    width, wide = at.channels, at.channels * block.expansion
    depthwise = DepthwiseConv(block.kernel, block.dilation, block.look_ahead, block.bias)
    yield at.layer(f"{path}.depthwise", depthwise, width)
    yield at.layer(f"{path}.norm", LayerNorm(), width)
    yield at.layer(f"{path}.up", Linear(wide, block.bias), wide)
    yield at.layer(f"{path}.activation", GELU, wide)
    yield at.layer(f"{path}.down", Linear(width, block.bias), width)
    if block.scale:
        yield at.layer(f"{path}.scale", Scale(), width)
    yield at.layer(f"{path}.add", Sum(block.look_ahead), width)


CHECKS.add(ConvNext)(check_look_ahead)
