"""Split residual vector quantization (Defossez et al. 2024): two quantizers beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.design.parts import CodebookSizes, Quantizer, Size
from lrac_audit.design.quantizer import QuantizerKind, quantizer_kind
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Whole
from lrac_audit.validation.structures import Count


@quantizer_kind("split_rvq")
@dataclass(frozen=True, slots=True)
class SplitRvq(QuantizerKind):
    """A semantic and an acoustic residual vector quantizer, each of the whole latent.

    Neither codes what the other left over; the receiver adds both. The layers of each share one
    projection before them and one behind them. The semantic layers come first.
    """

    layers: Annotated[int, Whole(1, MAX_PARTS)]
    """Codebooks of both together."""
    codebook_size: CodebookSizes
    """Codewords per layer: one number for all layers, or a list with one for each."""
    semantic_layers: Annotated[int, Whole(0, MAX_PARTS)] = 1
    """How many of the layers are semantic. 0 makes all of them one RVQ of shared projections."""
    codebook_dim: Size | None = None
    """Width of a codeword. None, or the latent's width, means no projections."""
    bias: bool = True
    """Whether the projections add learned values."""
    modes: Annotated[tuple[Annotated[int, Whole(1, MAX_PARTS)], ...], Count(0, MAX_PARTS)] = ()
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    @property
    def each(self) -> Quantizer:
        """The same codebooks as those of one residual vector quantizer."""
        return Quantizer(self.layers, self.codebook_size, self.codebook_dim, self.modes)

    @property
    def parts(self) -> tuple[Quantizer, ...]:
        """The quantizers of the projected latent: the semantic one if any, and the acoustic one."""
        sizes = self.each.index_sizes(self.layers)
        cut = self.semantic_layers
        return tuple(Quantizer(len(part), part) for part in (sizes[:cut], sizes[cut:]) if part)

    def active_parts(self, active_layers: int) -> tuple[int, ...]:
        """Return the active layers of each part."""
        if not self.semantic_layers:
            return (active_layers,)
        semantic = min(active_layers, self.semantic_layers)
        return semantic, active_layers - semantic

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the codewords of each active layer."""
        return self.each.index_sizes(active_layers)

    def code_dim(self, latent_dim: int) -> int:
        """Return the width of a codeword: the latent's unless the quantizer projects."""
        return self.each.code_dim(latent_dim)

    def has_absorbed_form(self, latent_dim: int) -> bool:
        """Return whether each part projects, as codewords of another width than the latent's."""
        return self.each.has_absorbed_form(latent_dim)

    def described(self, form: str | None) -> str:
        """Return the name and the form."""
        return f"split RVQ {form}"

    def relations(self, latent_dim: int) -> Sequence[Problem]:
        """Return the rules that the layers and the sizes break."""
        found = [*self.each.relations(latent_dim)]
        if self.semantic_layers >= self.layers:
            allowed = f"fewer than the {self.layers} layers, so that some are acoustic"
            given = shown(self.semantic_layers)
            found.append(Problem("semantic_layers", given, allowed, ("layers",)))
        return found
