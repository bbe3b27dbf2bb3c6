"""Noise that is added at a learned level.

In training the noise is drawn anew. Otherwise its values are a fixed sequence, a function of the
number of the step: a stream then gives what the whole clip gives, and the same on every machine.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

from lrac_audit.design.layers.noise import Noise
from lrac_audit.design.steps import Step
from reference_models.nn.layer_modules import LAYER_MODULES
from reference_models.nn.layers.step_by_step import StepLinear
from reference_models.nn.streaming import Footprint, Streaming

WORD = (1 << 32) - 1
"""The largest number of 32 bits, which is also the mask of its bits."""
MULTIPLIERS = (0x9E3779B1, 0x85EBCA6B)
"""Large odd numbers, which spread each bit of a number over the bits above it."""


@dataclass(slots=True)
class Place:
    """The state of a noise layer: its place in the sequence."""

    step: int
    """The number of the next step."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        return Footprint(1, 0, 0, torch.int64.itemsize)


class AddedNoise(Streaming[Place]):
    """``x + noise * level(x)``, with one value of noise for all channels and streams of a step."""

    def __init__(self, channels: int, seed: int) -> None:
        """Take a ``seed`` of 32 bits, which tells the sequences of several layers apart."""
        super().__init__()
        self.level = StepLinear(channels, channels, bias=False)
        self.seed = seed

    def initial_state(self, batch_size: int, like: Tensor) -> Place:
        """See :class:`Streaming`."""
        return Place(0)

    def step(self, x: Tensor, state: Place, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        count = x.shape[2]
        if not count:
            return x
        if self.training:
            noise = torch.randn(len(x), 1, count, dtype=x.dtype, device=x.device)
        else:
            numbers = torch.arange(state.step, state.step + count, device=x.device)
            noise = gaussian(numbers, self.seed).to(x)
        state.step += count
        y: Tensor = x + noise * self.level(x)
        return y


def gaussian(numbers: Tensor, seed: int) -> Tensor:
    """Return a normally distributed value for each of ``numbers [T]``, always the same.

    Box and Muller 1958, of two uniform values that are hashes of a number.
    """
    radius = (-2 * _uniform(2 * numbers, seed).log()).sqrt()
    return radius * (2 * math.pi * _uniform(2 * numbers + 1, seed)).cos()


def _uniform(numbers: Tensor, seed: int) -> Tensor:
    """Return a value between 0 and 1 for each of ``numbers``."""
    mixed = (numbers + seed) & WORD
    for multiplier in MULTIPLIERS:
        mixed = mixed ^ (mixed >> 16)
        mixed = mixed * multiplier & WORD
    mixed = mixed ^ (mixed >> 16)
    return (mixed.double() + 0.5) / (WORD + 1)


@LAYER_MODULES.add(Noise)
def noise(step: Step) -> AddedNoise:
    """Return a noise layer, with a sequence of its own."""
    return AddedNoise(step.channels_in, zlib.crc32(step.path.encode()))
