"""Grouped residual vector quantization: each part of the latent has a quantizer of its own."""

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


@quantizer_kind("grouped_rvq")
@dataclass(frozen=True, slots=True)
class GroupedRvq(QuantizerKind):
    """The latent is split into groups of channels, each with its own residual vector quantizer.

    Indices are sent layer by layer, and those of a layer group by group. One layer is a product
    quantizer.
    """

    groups: Annotated[int, Whole(2, MAX_PARTS)]
    """Groups, at least 2; they must divide the latent's channels."""
    layers: Annotated[int, Whole(1, MAX_PARTS)]
    """Codebooks of each group, each of which codes what those before it left over."""
    codebook_size: CodebookSizes
    """Codewords per layer: one number for all layers, or a list with one for each."""
    codebook_dim: Size | None = None
    """Width of a codeword. None, or the width of a group, means no projections."""
    modes: Annotated[tuple[Annotated[int, Whole(1, MAX_PARTS)], ...], Count(0, MAX_PARTS)] = ()
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    @property
    def each(self) -> Quantizer:
        """The residual vector quantizer of one group."""
        return Quantizer(self.layers, self.codebook_size, self.codebook_dim, self.modes)

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the codewords of each group of each active layer."""
        sizes = self.each.index_sizes(active_layers)
        return tuple(size for size in sizes for _ in range(self.groups))

    def code_dim(self, latent_dim: int) -> int:
        """Return the width of the codewords of all groups together."""
        return self.groups * self.each.code_dim(latent_dim // self.groups)

    def has_absorbed_form(self, latent_dim: int) -> bool:
        """Return whether each layer projects, as in :class:`Quantizer`."""
        return self.each.has_absorbed_form(latent_dim // self.groups)

    def described(self, form: str | None) -> str:
        """Return the name and the form."""
        return f"grouped RVQ {form}"

    def relations(self, latent_dim: int) -> Sequence[Problem]:
        """Return the rules that the groups and the sizes break for a latent of that width."""
        found = [*self.each.relations(latent_dim)]
        if latent_dim % self.groups:
            allowed = f"a divisor of the {latent_dim} channels of the latent"
            found.append(Problem("groups", shown(self.groups), allowed))
        return found
