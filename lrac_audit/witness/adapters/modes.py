"""The modes of a residual quantizer: one for each number of layers that may be on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor

from lrac_audit.witness.target import TargetMode

Quantise = Callable[[Tensor, int], Any]
"""Latent and active layers to codes."""


def layered_modes(
    layers: Iterable[int],
    codebook_size: int,
    frame_rate_hz: float,
    quantise: Quantise,
    dequantise: Callable[[Any], Tensor],
) -> tuple[TargetMode, ...]:
    """A mode for each of ``layers``, ascending; an index takes whole bits."""
    bits = (codebook_size - 1).bit_length()

    def mode(active: int) -> TargetMode:
        return TargetMode(
            bitrate_kbps=active * bits * frame_rate_hz / 1000,
            quantise=lambda latent: quantise(latent, active),
            dequantise=dequantise,
            active_layers=active,
        )

    return tuple(mode(active) for active in sorted(set(layers)))
