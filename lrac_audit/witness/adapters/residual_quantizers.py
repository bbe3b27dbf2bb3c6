"""Modes and empty codebooks, shared by the adapters of residual quantizers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.target import TargetMode

Quantise = Callable[[Tensor, int], Any]
"""A function of the latent and the number of active layers that returns codes."""


def layered_modes(
    layers: Iterable[int],
    codebook_size: int,
    frame_rate_hz: float,
    quantise: Quantise,
    dequantise: Callable[[Any], Tensor],
) -> tuple[TargetMode, ...]:
    """Return a mode for each number of ``layers``, ascending; an index takes whole bits."""
    bits = (codebook_size - 1).bit_length()

    def mode(active: int) -> TargetMode:
        return TargetMode(
            bitrate_kbps=active * bits * frame_rate_hz / 1000,
            quantise=lambda latent: quantise(latent, active),
            dequantise=dequantise,
            active_layers=active,
        )

    return tuple(mode(active) for active in sorted(set(layers)))


FILLED = "Its codebooks are empty; they were filled with noise, so that there is a choice to make."


def fill_empty(codebooks: Iterable[Tensor]) -> tuple[str, ...]:
    """Fill ``codebooks`` that hold only zeros with noise, the same each time.

    With nothing to choose from, a quantizer cannot be measured. Returns the note for the report.
    """
    empty = [codebook for codebook in codebooks if not codebook.any()]
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for codebook in empty:
            noise = torch.randn(codebook.shape, generator=generator, dtype=torch.float64)
            codebook.copy_(noise)
    return (FILLED,) if empty else ()
