"""One side of a codec as something that can be asked how early its output moves.

Steps of a side's input and output stand for audio samples by their period. What a step is worth as
a position in the audio differs by side:

* transmit: a step ends at sample ``P (i + 1) - 1``, and the input is known up to there;
* receive: a step starts at sample ``P i``, and the output is played from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import torch
from torch import Tensor

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
    out_steps: Fraction
    """Output steps in a hop."""

    @property
    def in_period(self) -> int:
        """Audio samples in an input step."""
        return self.hop_samples // self.in_steps

    @property
    def out_period(self) -> Fraction:
        """Audio samples in an output step."""
        return self.hop_samples / self.out_steps

    def ahead(self, position: int, step: int, period: Fraction) -> int:
        """Samples by which ``step`` of ``period`` is ahead of the input step ``position``."""
        if self.kind == "transmit":
            return int(self.in_period * (position + 1) - period * (step + 1))
        return int(self.in_period * position - period * step)

    def look_ahead(self, position: int, step: int) -> int:
        """The same of the output; undivided, less the frame that is buffered."""
        ahead = self.ahead(position, step, self.out_period)
        return ahead + 1 - self.hop_samples if self.kind == "whole" else ahead


def noise(rows: int, channels: int, steps: int, dtype: torch.dtype, seed: int) -> Tensor:
    """Random input ``[B, C, T]``; always the same for a seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, channels, steps, dtype=torch.float64, generator=generator).to(dtype)


class Clip:
    """A random input of one length, and how changes in it move the output.

    Outputs are compared with those at the same place of a batch of the same shape, since rounding
    may depend on the place; and with another batch, since a norm may run over the batch.
    """

    def __init__(self, side: Side, hops: int, at_once: int, trial: int) -> None:
        self.side, self.steps, self.at_once = side, hops * side.in_steps, at_once
        self.base = noise(1, side.channels, self.steps, side.dtype, 2 * trial)
        other = noise(1, side.channels, self.steps, side.dtype, 2 * trial + 1)
        self.other = self.base + SCALES[trial % len(SCALES)] * other
        self._answers: dict[int, Tensor] = {}

    @property
    def output_steps(self) -> int:
        """Steps of the output."""
        return self._answer(1).shape[2]

    def first_moved(self, positions: Sequence[int]) -> list[int]:
        """For each position: the first output step that moves when all input from there changes.

        One past the end when none moves.
        """
        moved = self._moved(positions, after=True)
        return [int(steps[0]) if len(steps) else self.output_steps for steps in moved]

    def last_moved(self, positions: Sequence[int]) -> list[int]:
        """For each position: the last output step that moves when all input up to there changes.

        Minus one when none moves.
        """
        moved = self._moved(positions, after=False)
        return [int(steps[-1]) if len(steps) else -1 for steps in moved]

    def changed(self, position: int, after: bool = True) -> Tensor:
        """The input ``[1, C, T]``, changed from ``position`` on, or up to it."""
        steps = torch.arange(self.steps)
        return torch.where(steps >= position if after else steps <= position, self.other, self.base)

    def _moved(self, positions: Sequence[int], after: bool) -> Iterator[Tensor]:
        for begin in range(0, len(positions), self.at_once):
            some = positions[begin : begin + self.at_once]
            rows = torch.cat([self.changed(position, after) for position in some])
            differs = (self.side.run(rows) != self._answer(len(rows))).any(1)
            yield from (row.nonzero()[:, 0] for row in differs)

    def _answer(self, rows: int) -> Tensor:
        if rows not in self._answers:
            self._answers[rows] = self.side.run(self.base.expand(rows, -1, -1).contiguous())
        return self._answers[rows]
