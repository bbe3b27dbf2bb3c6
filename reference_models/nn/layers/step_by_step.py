"""Layers that see one step at a time, ``[B, C, T]`` in and out: linear maps, norms, upsampling."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.layers.norms import LayerNorm, RmsNorm
from lrac_audit.design.layers.scale import Scale
from lrac_audit.design.layers.upsampling import PixelShuffle, Repeat
from lrac_audit.design.steps import Step
from reference_models.nn.layer_modules import LAYER_MODULES

RMS_EPSILON = torch.finfo(torch.float32).eps
"""Added to each mean square: torch's default for float32. It is the same in every type, so that a
codec means the same in each."""


class StepLinear(nn.Linear):
    """A linear map of the channels of each step."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[B, C_out, T]``."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class StepLayerNorm(nn.LayerNorm):
    """A layer norm over the channels of each step."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised steps."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class StepRmsNorm(nn.Module):
    """An RMS norm over the channels of each step; torch has had one only since 2.4."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised steps."""
        mean_square = x.square().mean(1, keepdim=True)
        return x * torch.rsqrt(mean_square + RMS_EPSILON) * self.weight[:, None]


class Scaled(nn.Module):
    """Each channel times a learned factor."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the scaled steps."""
        return x * self.weight[:, None]


class Repeated(nn.Module):
    """Each step several times."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[B, C, T factor]``."""
        return x.repeat_interleave(self.factor, 2)


class Shuffled(nn.Module):
    """Neighbouring channels laid out as neighbouring steps."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[B, C / factor, T factor]``."""
        batch, channels, steps = x.shape  # a stream may hand on no step at all
        grouped = x.reshape(batch, channels // self.factor, self.factor, steps)
        return grouped.transpose(2, 3).flatten(2)


@LAYER_MODULES.add(Linear)
def linear(step: Step) -> StepLinear:
    """Return a linear map."""
    return StepLinear(step.channels_in, step.channels_out, step.part.bias)


@LAYER_MODULES.add(LayerNorm)
def layer_norm(step: Step) -> StepLayerNorm:
    """Return a layer norm."""
    return StepLayerNorm(step.channels_in)


@LAYER_MODULES.add(RmsNorm)
def rms_norm(step: Step) -> StepRmsNorm:
    """Return an RMS norm."""
    return StepRmsNorm(step.channels_in)


@LAYER_MODULES.add(Scale)
def scale(step: Step) -> Scaled:
    """Return a learned factor for each channel."""
    return Scaled(step.channels_in)


@LAYER_MODULES.add(Repeat)
def repeat(step: Step) -> Repeated:
    """Return a layer that repeats steps."""
    return Repeated(step.part.factor)


@LAYER_MODULES.add(PixelShuffle)
def pixel_shuffle(step: Step) -> Shuffled:
    """Return a layer that lays channels out as steps."""
    return Shuffled(step.part.factor)
