"""One side of a codec as something that can be asked how early its output moves.

Steps of a side's input and output stand for audio samples by their period. What a step is worth as
a position in the audio differs by side:

* transmit: a step ends at sample ``P (i + 1) - 1``, and the input is known up to there;
* receive: a step starts at sample ``P i``, and the output is played from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor, nn

from lrac_audit.witness.latency.time_axes import LONGER_HOPS, Outline, outline

Kind = Literal["transmit", "receive", "whole"]

SCALES = (10.0, 1.0, 100.0, 0.1)
"""Of the changes, by trial: large ones flip codes, but may drive a bounded activation to a limit
where it does not move any more."""


@dataclass(frozen=True)
class Side:
    """A callable, and the periods of its steps."""

    label: str
    """What it is called in messages."""
    kind: Kind
    run: Callable[[Tensor], Tensor]
    channels: int
    dtype: torch.dtype
    hop_samples: int
    in_steps: int
    """Input steps in a hop."""
    outline: Outline
    """Of the shortest clips."""

    @property
    def out_steps(self) -> Fraction:
        """Output steps in a hop."""
        return Fraction(self.outline.grown_steps, LONGER_HOPS)

    @property
    def in_period(self) -> int:
        """Audio samples in an input step."""
        return self.hop_samples // self.in_steps

    @property
    def out_period(self) -> Fraction:
        """Audio samples in an output step."""
        return self.hop_samples / self.out_steps

    def outline_of(self, root: nn.Module, hops: int) -> Outline:
        """The outline of clips of so many hops."""
        clip = clips(self.channels, self.in_steps, self.dtype)
        return outline(root, self.run, clip, hops, self.hop_samples)

    def ahead(self, position: int, step: int, period: Fraction) -> int:
        """Samples by which ``step`` of ``period`` is ahead of the input step ``position``."""
        if self.kind == "transmit":
            return int(self.in_period * (position + 1) - period * (step + 1))
        return int(self.in_period * position - period * step)

    def look_ahead(self, position: int, step: int) -> int:
        """The same of the output; undivided, less the frame that is buffered."""
        ahead = self.ahead(position, step, self.out_period)
        return ahead + 1 - self.hop_samples if self.kind == "whole" else ahead


def noise(channels: int, steps: int, dtype: torch.dtype, seed: int) -> Tensor:
    """Random input ``[1, C, T]``; always the same for a seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, channels, steps, dtype=torch.float64, generator=generator).to(dtype)


def clips(channels: int, steps: int, dtype: torch.dtype) -> Callable[[int], Tensor]:
    """Random clips by their length in hops of so many steps."""
    return lambda hops: noise(channels, hops * steps, dtype, 0)


class Clip:
    """A random input of one length, and how changes in it move the output.

    Two runs of the same shape are compared, one clip in each: rounding may depend on the place in
    a batch, and a norm may run over it.
    """

    def __init__(self, side: Side, hops: int, trial: int) -> None:
        self.side, self.hops, self.steps = side, hops, hops * side.in_steps
        self._first_moved: dict[int, int] = {}
        self.base = noise(side.channels, self.steps, side.dtype, 2 * trial)
        other = noise(side.channels, self.steps, side.dtype, 2 * trial + 1)
        self.other = self.base + SCALES[trial % len(SCALES)] * other

    @cached_property
    def answer(self) -> Tensor:
        """The output for the unchanged input."""
        return self.side.run(self.base)

    def first_moved(self, position: int) -> int:
        """The first output step that moves when all input from ``position`` on changes.

        One past the end when none moves.
        """
        if position not in self._first_moved:
            moved = self._moved(self.changed(position))
            first = int(moved[0]) if len(moved) else self.answer.shape[2]
            self._first_moved[position] = first
        return self._first_moved[position]

    def last_moved(self, position: int) -> int:
        """The last output step that moves when all input up to ``position`` changes.

        Minus one when none moves.
        """
        moved = self._moved(torch.where(self._steps <= position, self.other, self.base))
        return int(moved[-1]) if len(moved) else -1

    def changed(self, position: int) -> Tensor:
        """The input ``[1, C, T]``, changed from ``position`` on."""
        return torch.where(self._steps >= position, self.other, self.base)

    @property
    def _steps(self) -> Tensor:
        return torch.arange(self.steps)

    def _moved(self, x: Tensor) -> Tensor:
        return (self.side.run(x) != self.answer).any(1)[0].nonzero()[:, 0]
