"""A convolution as one matrix product, and what spares a stream of equal frames the rest.

With the few steps of a frame the arithmetic takes less time than to make tensors and views for
it, so a stream keeps them from one frame to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Factors(NamedTuple):
    """A convolution as a matrix product, laid out for ``torch.baddbmm``."""

    bias: Tensor
    left: Tensor
    right: Tensor
    single: bool
    """There is one output step. A product with one column is summed in another order, and its
    weight read in another order than it is stored in: instead, it is two equal rows."""

    def product(self) -> Tensor:
        """The output ``[B, C_out, T]``."""
        product = torch.baddbmm(self.bias, self.left, self.right)
        return product[:, :1].transpose(1, 2).contiguous() if self.single else product


def factors(weight: Tensor, bias: Tensor, taps: Tensor) -> Factors:
    """Of ``weight [B, C_out, K]`` times ``taps [B, K, T]`` plus ``bias [C_out, 1]``; views only.

    The product is several times faster than torch's own convolution with the few steps of a frame.
    Its rounding hardly depends on how many they are. (Pointwise functions do not round alike on
    what is not contiguous.)
    """
    if taps.shape[2] > 1:
        return Factors(bias, weight, taps, False)
    return Factors(bias.t(), taps.transpose(1, 2).expand(-1, 2, -1), weight.transpose(1, 2), True)


def multiply(weight: Tensor, bias: Tensor, taps: Tensor) -> Tensor:
    """The output ``[B, C_out, T]`` of what :func:`factors` describes."""
    if taps.shape[2] > 1:
        return torch.baddbmm(bias, weight, taps)
    return factors(weight, bias, taps).product()


def taps_of(window: Tensor, kernel: int, stride: int, dilation: int, ready: int) -> Tensor:
    """What each of ``ready`` output steps multiplies, a view: ``[B, C, kernel, ready]``."""
    batch, channels, _ = window.shape
    at_batch, at_channel, at_step = window.stride()
    return window.as_strided(
        (batch, channels, kernel, ready),
        (at_batch, at_channel, dilation * at_step, stride * at_step),
    )


TapsOf = Callable[[Tensor], Tensor]
"""The taps ``[B, C, kernel, ready]`` in a window ``[B, C, T]``, a view."""


class Room(NamedTuple):
    """Views of a window: the past and the input of a convolution side by side."""

    before: Tensor
    """``[B, C, past]``."""
    now: Tensor
    """``[B, C, T]``."""
    past: Tensor
    """What later outputs still need: ``[B, C, past]``."""
    taps: Tensor
    """``[B, C, kernel, ready]``."""


@dataclass(slots=True)
class Bench:
    """Where inputs of one length are laid out for the product.

    Two rooms take turns, for a past must not be copied onto itself.
    """

    steps: int
    """Length of the inputs."""
    room: Room
    other: Room
    taps: Tensor
    """A copy of a room's taps: ``[B, C, kernel, ready]``."""
    factors: Factors
    """Views of it and of the weight."""

    @classmethod
    def make(cls, past: Tensor, steps: int, taps: TapsOf, weight: Tensor, bias: Tensor) -> Bench:
        """A bench for inputs of ``steps`` that leave as long a past as they find."""
        batch, channels, past_steps = past.shape

        def room() -> Room:
            window = past.new_empty(batch, channels, past_steps + steps)
            before, now = torch.split(window, [past_steps, steps], 2)
            return Room(before, now, window[:, :, steps:], taps(window))

        first = room()
        copy = torch.empty_like(first.taps, memory_format=torch.contiguous_format)
        laid_out = factors(weight, bias, copy.flatten(1, 2))
        return cls(steps, first, room(), copy, laid_out)

    def step(self, past: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """The output for ``x``, and the past behind it: to be used before the next but one."""
        room = self.room
        self.room, self.other = self.other, room
        room.before.copy_(past)
        room.now.copy_(x)
        self.taps.copy_(room.taps)
        return self.factors.product(), room.past
