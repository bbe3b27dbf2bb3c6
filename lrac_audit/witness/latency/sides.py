"""The sides of a target, with the rates of what goes in and comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lrac_audit.witness.latency.side import Kind, Side, clips
from lrac_audit.witness.latency.time_axes import outline
from lrac_audit.witness.target import AuditTarget, TargetMode

FEWEST_HOPS, FEWEST_SAMPLES = 8, 256
"""Of the shortest clip."""
GROWTH = 4
"""From one length of a clip to the next."""


def clip_hops(hop_samples: int) -> tuple[int, ...]:
    """Lengths of the clips that are tried, until one holds what is looked for."""
    shortest = max(FEWEST_HOPS, -(-FEWEST_SAMPLES // hop_samples))
    return tuple(shortest * GROWTH**i for i in range(3))


@dataclass(frozen=True)
class Sides:
    """What is probed, each for itself."""

    transmit: Side
    quantizer: Side | None
    """From latent to latent, in a mode."""
    receive: Side | None


def sides_of(target: AuditTarget, mode: TargetMode | None, dtype: torch.dtype) -> Sides:
    """The sides of ``target``; whatever its callables raise goes through."""
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
    channels = transmit.outline.channels
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
    seen = outline(root, run, clips(channels, in_steps, dtype), hops, hop_samples)
    if seen.grown_steps < 1:
        raise ValueError(f"the output of {label} does not grow with the clip")
    return Side(label, kind, run, channels, dtype, hop_samples, in_steps, seen)
