"""Convolutions of a list: grouped, depthwise or strided, with some of the padding on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.kernel import WaitingKernel
from lrac_audit.design.layer import layer_kind
from lrac_audit.design.layer_checks import CHECKS, check_groups, check_reach
from lrac_audit.design.steps import Step
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Whole

Size = Annotated[int, Whole(1, MAX_SIZE)]
Steps = Annotated[int, Whole(0, MAX_SIZE)]


@layer_kind("conv")
@dataclass(frozen=True, slots=True)
class ListedConv(WaitingKernel):
    """A convolution; its padding is ``(kernel - 1) * dilation + 1 - stride`` steps in all."""

    kernel: Size
    """Taps."""
    channels: Size | None = None
    """Output channels. None keeps the width."""
    stride: Size = 1
    """Input steps for each output step."""
    dilation: Size = 1
    """Distance between taps, in steps of the input."""
    groups: Size = 1
    """Channel groups; must divide the channels on both sides."""
    look_ahead: Steps = 0
    """Steps of the padding on the right, for which an output waits; 0 is causal."""
    bias: bool = True
    """Whether a learned value is added to each output channel."""

    @property
    def rate_down(self) -> int:
        """Input steps for each output step."""
        return self.stride

    def channels_after(self, channels: int) -> int:
        """Return the output channels."""
        return self.channels or channels


@layer_kind("depthwise_conv")
@dataclass(frozen=True, slots=True)
class DepthwiseConv(WaitingKernel):
    """A convolution of every channel by itself, at an unchanged rate."""

    kernel: Size
    """Taps."""
    dilation: Size = 1
    """Distance between taps, in steps."""
    look_ahead: Steps = 0
    """Steps of the padding on the right, for which an output waits; 0 is causal."""
    bias: bool = True
    """Whether a learned value is added to each channel."""


@CHECKS.add(ListedConv)
def _conv(step: Step) -> Sequence[Problem]:
    return [*check_groups(step), *(check_reach(step, "steps") or check_look_ahead(step))]


@CHECKS.add(DepthwiseConv)
def check_look_ahead(step: Step) -> Sequence[Problem]:
    """Return the problem of a look-ahead that is longer than the padding."""
    conv, field = step.part, step.field
    if conv.look_ahead <= conv.padding:
        return ()
    allowed = f"at most the padding, {conv.padding} steps"
    involved = tuple(f"{field}.{name}" for name in ("kernel", "dilation", "stride"))
    return (Problem(f"{field}.look_ahead", shown(conv.look_ahead), allowed, involved),)
