"""Lookup-free quantization (Yu et al. 2023): one bit for the sign of each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.design.quantizer import QuantizerKind, quantizer_kind
from lrac_audit.design.quantizers.fsq import MAX_INDEX_BITS
from lrac_audit.validation.kinds import Whole
from lrac_audit.validation.structures import Count


@quantizer_kind("lookup_free")
@dataclass(frozen=True, slots=True)
class LookupFree(QuantizerKind):
    """Binary quantization without a codebook: each of a few values becomes its sign, 1 or -1.

    A latent that is not as wide as there are bits is projected before and after. With several
    layers, each one codes what those before it left over, at half the scale; they share the
    projections.
    """

    bits: Annotated[int, Whole(1, MAX_INDEX_BITS)]
    """Values, each of which takes one bit of an index."""
    layers: Annotated[int, Whole(1, MAX_PARTS)] = 1
    """Layers, each of which codes what those before it left over."""
    modes: Annotated[tuple[Annotated[int, Whole(1, MAX_PARTS)], ...], Count(0, MAX_PARTS)] = ()
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the number of patterns of signs for each active layer."""
        return (2**self.bits,) * active_layers

    def code_dim(self, latent_dim: int) -> int:
        """Return the number of values whose signs are sent."""
        return self.bits

    def described(self, form: str | None) -> str:
        """Return the name; there is one form."""
        return "lookup-free quantizer"
