"""Perturb the input of a side, and confirm what that shows by truncation.

Confirmation cuts the input after whole hops. Up to the point that is claimed to be ready, the
output must be the same as with the whole input, to rounding (a clip of another length may be summed
in another order). That it is not ready any sooner is what the perturbation itself has shown.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from lrac_audit.witness.latency.sides import Side, noise

TRIALS = 3
"""Random inputs that are tried, each with another scale of its change."""
SCALES = (10.0, 1.0, 100.0, 0.1)
"""Scales of the changes, by trial. Large changes flip codes, but may drive a bounded activation to
a limit where it does not move any more."""


class PerturbedClip:
    """A random input of one length, and how changes of it move the output.

    Two runs of the same shape are compared, one clip in each: rounding may depend on the place in a
    batch, and a norm may run over the batch.
    """

    def __init__(self, side: Side, hops: int, trial: int) -> None:
        self.side, self.hops, self.steps = side, hops, hops * side.in_steps
        self._first_moved: dict[int, int] = {}
        self.base = noise(side.channels, self.steps, side.dtype, 2 * trial)
        other = noise(side.channels, self.steps, side.dtype, 2 * trial + 1)
        self.other = self.base + SCALES[trial % len(SCALES)] * other

    @cached_property
    def output(self) -> Tensor:
        """The output for the unchanged input."""
        return self.side.run(self.base)

    def first_moved(self, position: int) -> int:
        """Return the first output step that moves when all input from ``position`` on changes.

        This is one past the end when none moves.
        """
        if position not in self._first_moved:
            moved = self._moved(self.changed(position))
            first = int(moved[0]) if len(moved) else self.output.shape[2]
            self._first_moved[position] = first
        return self._first_moved[position]

    def last_moved(self, position: int) -> int:
        """Return the last output step that moves when all input up to ``position`` changes.

        This is -1 when none moves.
        """
        moved = self._moved(torch.where(self._steps <= position, self.other, self.base))
        return int(moved[-1]) if len(moved) else -1

    def changed(self, position: int) -> Tensor:
        """Return the input ``[1, C, T]``, changed from ``position`` on."""
        return torch.where(self._steps >= position, self.other, self.base)

    @property
    def _steps(self) -> Tensor:
        return torch.arange(self.steps)

    def _moved(self, x: Tensor) -> Tensor:
        return (self.side.run(x) != self.output).any(1)[0].nonzero()[:, 0]


RELATIVE_ROUNDING = {torch.float64: 1e-9, torch.float32: 1e-4}


def is_confirmed(clip: PerturbedClip, look_ahead: int, cut_hops: int) -> bool:
    """Return whether ``look_ahead`` holds for an input cut after ``cut_hops``, and a hop before."""
    return all(_holds(clip, look_ahead, cut) for cut in (cut_hops - 1, cut_hops))


def _holds(clip: PerturbedClip, look_ahead: int, cut_hops: int) -> bool:
    side, whole = clip.side, clip.output
    part = side.run(clip.base[:, :, : cut_hops * side.in_steps])
    ready = _ready_steps(clip, look_ahead, cut_hops)
    ready = min(ready, part.shape[2])
    rounding = RELATIVE_ROUNDING[side.dtype] * float(whole.abs().max())
    return bool(((whole[:, :, :ready] - part[:, :, :ready]).abs() <= rounding).all())


def _ready_steps(clip: PerturbedClip, look_ahead: int, cut_hops: int) -> int:
    """Return the number of output steps that need nothing after ``cut_hops``."""
    side = clip.side
    if side.kind == "whole":
        look_ahead += side.hop_samples - 1
    return max(int((cut_hops * side.hop_samples - look_ahead) // side.out_period), 0)
