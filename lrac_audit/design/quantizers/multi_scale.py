"""Multi-scale residual vector quantization (Siuzdak et al. 2024): layers at rates of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_PARTS, MAX_SIZE
from lrac_audit.design.parts import CodebookSizes, Quantizer, Size
from lrac_audit.design.quantizer import QuantizerKind, quantizer_kind
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Whole
from lrac_audit.validation.structures import Count


@quantizer_kind("multi_scale")
@dataclass(frozen=True, slots=True)
class MultiScaleRvq(QuantizerKind):
    """Residual layers that each code the mean of some latent steps, and repeat it for all of them.

    The first layer is the slowest. Its stride is the period after which all indices repeat, and so
    a frame: the indices of a frame are sent layer by layer, and those of a layer in their order.
    """

    strides: Annotated[tuple[Annotated[int, Whole(1, MAX_SIZE)], ...], Count(1, MAX_PARTS)]
    """Latent steps of one index, for each layer; each must divide the first."""
    codebook_size: CodebookSizes
    """Codewords per layer: one number for all layers, or a list with one for each."""
    codebook_dim: Size | None = None
    """Width of a codeword. None, or the latent's width, means no projections."""
    modes: Annotated[tuple[Annotated[int, Whole(1, MAX_PARTS)], ...], Count(0, MAX_PARTS)] = ()
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    @property
    def layers(self) -> int:  # type: ignore[override]
        """Layers, each of which codes what those before it left over."""
        return len(self.strides)

    @property
    def frame_steps(self) -> int:
        """Latent steps of a frame: the stride of the first layer, which all others divide."""
        return max(self.strides, default=1)  # checks also ask where there are no strides

    @property
    def indices_per_frame(self) -> tuple[int, ...]:
        """Indices of each layer in a frame."""
        return tuple(self.frame_steps // stride for stride in self.strides)

    @property
    def each(self) -> Quantizer:
        """The residual vector quantizer of the same layers, all of them at the latent's rate."""
        return Quantizer(self.layers, self.codebook_size, self.codebook_dim, self.modes)

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the codewords of each index of each active layer."""
        sizes = self.each.index_sizes(active_layers)
        pairs = zip(sizes, self.indices_per_frame, strict=False)  # layers that are off send none
        return tuple(size for size, count in pairs for _ in range(count))

    def code_dim(self, latent_dim: int) -> int:
        """Return the width of a codeword."""
        return self.each.code_dim(latent_dim)

    def has_absorbed_form(self, latent_dim: int) -> bool:
        """Return whether each layer projects, as in :class:`Quantizer`."""
        return self.each.has_absorbed_form(latent_dim)

    def described(self, form: str | None) -> str:
        """Return the name and the form."""
        return f"multi-scale RVQ {form}"

    def relations(self, latent_dim: int) -> Sequence[Problem]:
        """Return the rules that the strides and the sizes break."""
        allowed, first = "a divisor of the first stride, {}", ("strides[0]",)
        wrong = [
            Problem(f"strides[{i}]", shown(stride), allowed.format(self.strides[0]), first)
            for i, stride in enumerate(self.strides)
            if self.strides[0] % stride
        ]
        sizes = self.each.relations(latent_dim)
        return [*wrong, *(problem._replace(involved=("strides",)) for problem in sizes)]
