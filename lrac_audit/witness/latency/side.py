"""One side of a codec as something that can be asked how early its output moves.

Steps of a side's input and output stand for audio samples by their period. What a step is worth as
a position in the audio differs by side:

* transmit: a step ends at sample ``P (i + 1) - 1``, and the input is known up to there;
* receive: a step starts at sample ``P i``, and the output is played from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import torch
from torch import Tensor

Kind = Literal["transmit", "receive", "whole"]

SCALES = (1.0, 10.0, 100.0, 0.1)
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
    """A random input of one length, several trials of it, and how changes in it move the output.

    Rows are compared with the rows at the same place of a batch of the same shape, since rounding
    may depend on the place; and with another batch, since a norm may run over the batch.
    """

    def __init__(self, side: Side, hops: int, trials: int, at_once: int, seed: int = 0) -> None:
        self.side, self.steps, self.at_once = side, hops * side.in_steps, at_once
        self.trials = trials
        base = noise(trials, side.channels, self.steps, side.dtype, seed)
        scales = torch.tensor([SCALES[i % len(SCALES)] for i in range(trials)], dtype=side.dtype)
        other = noise(trials, side.channels, self.steps, side.dtype, seed + 1)
        self.base, self.other = base, base + scales[:, None, None] * other
        self._answers: dict[int, list[Tensor]] = {}

    @property
    def output_steps(self) -> int:
        """Steps of the output."""
        return next(iter(self._answers.values()))[0].shape[2]

    def first_moved(self, positions: Sequence[int]) -> list[int]:
        """For each position: the first output step that moves when all input from there changes."""
        return [int(moved[0]) for moved in self._moved(positions, after=True)]

    def last_moved(self, positions: Sequence[int]) -> list[int]:
        """For each position: the last output step that moves when all input up to there changes."""
        return [int(moved[-1]) for moved in self._moved(positions, after=False)]

    def changed(self, position: int, after: bool = True) -> Tensor:
        """The trials ``[trials, C, T]``, changed from ``position`` on, or up to it."""
        steps = torch.arange(self.steps)
        mask = steps >= position if after else steps <= position
        return torch.where(mask, self.other, self.base)

    def _moved(self, positions: Sequence[int], after: bool) -> list[Tensor]:
        found = []
        for begin in range(0, len(positions), self.at_once):
            some = list(positions[begin : begin + self.at_once])
            found += self._moved_at_once(some, after)
        return found

    def _moved_at_once(self, positions: list[int], after: bool) -> list[Tensor]:
        inputs = torch.stack([self.changed(position, after) for position in positions], 1)
        answers = self._answers.setdefault(len(positions), [])
        if not answers:
            same = self.base.unsqueeze(1).expand_as(inputs)
            answers += [self.side.run(rows) for rows in same]
        differs = torch.stack(
            [
                (self.side.run(rows) != answer).any(1)
                for rows, answer in zip(inputs, answers, strict=True)
            ]
        ).any(0)
        return [_places(row) for row in differs]


def _places(moved: Tensor) -> Tensor:
    """Indices of the steps that moved; one past the end when none did."""
    places = moved.nonzero()[:, 0]
    return places if len(places) else torch.tensor([len(moved)])
