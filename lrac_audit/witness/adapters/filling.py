"""Codebooks that were never filled: with nothing to choose from, a quantizer cannot be measured."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

FILLED = "Its codebooks are empty; they were filled with noise, so that there is a choice to make."


def fill_empty(codebooks: Iterable[Tensor]) -> tuple[str, ...]:
    """Put noise into ``codebooks`` that hold only zeros, and say so; the same noise each time."""
    empty = [codebook for codebook in codebooks if not codebook.any()]
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for codebook in empty:
            noise = torch.randn(codebook.shape, generator=generator, dtype=torch.float64)
            codebook.copy_(noise)
    return (FILLED,) if empty else ()
