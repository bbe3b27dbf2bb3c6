"""The sides of a target, with the rates of their inputs and outputs.

Each step of a side's input and output stands for as many audio samples as its period. Its position
in the audio differs by side:

* transmit: a step ends at sample ``P (i + 1) - 1``, and the input is known up to there;
* receive: a step starts at sample ``P i``, and the output is played from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import torch
from torch import Tensor, nn

from lrac_audit.witness.latency.time_axes import LONGER_HOPS, TimeAxes, find_time_axes
from lrac_audit.witness.target import AuditTarget, TargetMode

Kind = Literal["transmit", "receive", "whole"]


@dataclass(frozen=True)
class Side:
    """A callable, and the periods of its steps."""

    label: str
    """Its name in messages."""
    kind: Kind
    run: Callable[[Tensor], Tensor]
    channels: int
    dtype: torch.dtype
    hop_samples: int
    in_steps: int
    """Input steps in a hop."""
    time_axes: TimeAxes
    """The time axes for the shortest clips."""

    @property
    def out_steps(self) -> Fraction:
        """Output steps in a hop."""
        return Fraction(self.time_axes.grown_steps, LONGER_HOPS)

    @property
    def in_period(self) -> int:
        """Audio samples in an input step."""
        return self.hop_samples // self.in_steps

    @property
    def out_period(self) -> Fraction:
        """Audio samples in an output step."""
        return self.hop_samples / self.out_steps

    @property
    def peak_spacing_steps(self) -> int:
        """Expected input steps between peaks of the look-ahead: an output step, at most a hop."""
        steps = int(self.in_steps / self.out_steps)
        return steps if steps > 1 else self.in_steps

    def expected_peaks(self, first: int) -> tuple[int, ...]:
        """Return the peaks in a hop if one is at ``first``, each with the position after it."""
        begins = range(first, first + self.in_steps, self.peak_spacing_steps)
        return tuple(j for begin in begins for j in (begin, begin + 1))

    def time_axes_of(self, root: nn.Module, hops: int) -> TimeAxes:
        """Return the time axes for clips of so many hops."""
        clip = noise_by_hops(self.channels, self.in_steps, self.dtype)
        return find_time_axes(root, self.run, clip, hops, self.hop_samples)

    def ahead(self, position: int, step: int, period: Fraction) -> int:
        """Return by how many samples ``step`` of ``period`` is ahead of input step ``position``."""
        if self.kind == "transmit":
            return int(self.in_period * (position + 1) - period * (step + 1))
        return int(self.in_period * position - period * step)

    def look_ahead(self, position: int, step: int) -> int:
        """Return the same for an output step; undivided, less the frame that is buffered."""
        ahead = self.ahead(position, step, self.out_period)
        return ahead + 1 - self.hop_samples if self.kind == "whole" else ahead


def noise(channels: int, steps: int, dtype: torch.dtype, seed: int) -> Tensor:
    """Return random input ``[1, C, T]``, always the same for a seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, channels, steps, dtype=torch.float64, generator=generator).to(dtype)


def noise_by_hops(channels: int, steps: int, dtype: torch.dtype) -> Callable[[int], Tensor]:
    """Return a function from length in hops to random input with so many steps in a hop."""
    return lambda hops: noise(channels, hops * steps, dtype, 0)


FEWEST_HOPS, FEWEST_SAMPLES = 8, 256
"""Least length of the shortest clip."""
GROWTH = 4
"""Factor from one length of a clip to the next."""


def clip_hops(hop_samples: int) -> tuple[int, ...]:
    """Return the lengths of clips to try in turn, until one is long enough."""
    shortest = max(FEWEST_HOPS, -(-FEWEST_SAMPLES // hop_samples))
    return tuple(shortest * GROWTH**i for i in range(3))


@dataclass(frozen=True)
class Sides:
    """The parts of a target, each of which is probed by itself."""

    transmit: Side
    quantizer: Side | None
    """The quantizer in a mode, from latent to latent."""
    receive: Side | None


def sides_of(target: AuditTarget, mode: TargetMode | None, dtype: torch.dtype) -> Sides:
    """Return the sides of ``target``; what its callables raise is passed on."""
    hop = target.hop_samples
    kind: Kind = "whole" if target.receive is None else "transmit"
    label = "the codec" if target.receive is None else "the transmit side"
    root = target.root
    transmit = _side(root, label, kind, target.transmit, target.audio_channels, hop, hop, dtype)
    if target.receive is None:
        return Sides(transmit, None, None)
    frames = int(transmit.out_steps)
    if frames != transmit.out_steps or hop % frames:
        raise ValueError(
            f"transmit gives {transmit.out_steps} latent steps per hop of {hop} samples, "
            "which must be a whole number that divides the hop"
        )
    channels = transmit.time_axes.channels
    receive = _side(
        root, "the receive side", "receive", target.receive, channels, hop, frames, dtype
    )
    if mode is None:
        return Sides(transmit, None, receive)
    quantizer = _side(
        root, "the quantizer", "transmit", _round_trip(mode), channels, hop, frames, dtype
    )
    return Sides(transmit, quantizer, receive)


def _round_trip(mode: TargetMode) -> Callable[[Tensor], Tensor]:
    return lambda latent: mode.dequantise(mode.quantise(latent))


def _side(
    root: nn.Module,
    label: str,
    kind: Kind,
    run: Callable[[Tensor], Tensor],
    channels: int,
    hop_samples: int,
    in_steps: int,
    dtype: torch.dtype,
) -> Side:
    hops = clip_hops(hop_samples)[0]
    seen = find_time_axes(root, run, noise_by_hops(channels, in_steps, dtype), hops, hop_samples)
    if seen.grown_steps < 1:
        raise ValueError(f"the output of {label} does not grow with the clip")
    return Side(label, kind, run, channels, dtype, hop_samples, in_steps, seen)
