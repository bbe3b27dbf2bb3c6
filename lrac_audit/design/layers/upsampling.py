"""Layers that raise the rate without a product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, divisor_of_channels, no_rules
from lrac_audit.validation.kinds import Whole

Factor = Annotated[int, Whole(2, MAX_SIZE)]


@layer_kind("repeat")
@dataclass(frozen=True, slots=True)
class Repeat(Layer):
    """Each step ``factor`` times: upsampling by the nearest neighbour."""

    factor: Factor
    """Output steps for each input step."""

    @property
    def rate_up(self) -> int:
        """Output steps for each input step."""
        return self.factor


@layer_kind("pixel_shuffle")
@dataclass(frozen=True, slots=True)
class PixelShuffle(Layer):
    """Each step's channels laid out as ``factor`` steps of fewer channels (Shi et al. 2016)."""

    factor: Factor
    """Output steps for each input step; must divide the channels."""

    @property
    def rate_up(self) -> int:
        """Output steps for each input step."""
        return self.factor

    @property
    def width_fields(self) -> tuple[str, ...]:
        """Fields that set the channels after the layer."""
        return ("factor",)

    def channels_after(self, channels: int) -> int:
        """Return the channels of one of the steps."""
        return max(channels // self.factor, 1)


CHECKS.add(Repeat)(no_rules)


CHECKS.add(PixelShuffle)(partial(divisor_of_channels, name="factor"))
