"""Scalar quantizers: each value by itself, plain or in residual layers with shared projections.

Finite scalar quantization (Mentzer et al. 2023): each of ``d`` values is bounded by a tanh to the
range of its ``L`` levels and rounded. Levels are whole numbers from ``-(L // 2)``; a value is its
level over ``L // 2``, so that it lies between -1 and 1. An index puts the digits ``level + L // 2``
together, the first value's digit lowest. A residual layer ``i`` rounds ``(L - 1) ** i`` times what
the layers before it left over.

Lookup-free quantization (Yu et al. 2023): each value becomes its sign, 1 or -1, and in a residual
layer ``i`` that over ``2 ** i``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from lrac_audit.design import parts
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.quantizer import (
    Quantized,
    TrainableQuantizer,
    latent_of,
    project,
    rows_of,
)

MARGIN = 1e-3
"""Share by which the bounds lie beyond the outer levels, so that the tanh can reach these."""


class Levels(nn.Module):
    """The levels of each of ``d`` values. All constants follow from them; none is stored."""

    def __init__(self, levels: Sequence[int], layer: int) -> None:
        super().__init__()
        self.levels = tuple(levels)
        self.finer = tuple(float(count - 1) ** layer for count in levels) if layer else None
        """Scale of a residual layer; None for the first, whose scale is 1."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the level of each value ``[N, d]``, differentiably and before it is rounded."""
        count = x.new_tensor(self.levels)
        half = (count - 1) * (1 + MARGIN) / 2
        # An even number of levels is not symmetric about 0: it is rounded half a step lower.
        offset = (1 - count % 2) / 2
        scaled = x if self.finer is None else x * x.new_tensor(self.finer)
        return torch.tanh(scaled + torch.atanh(offset / half)) * half - offset

    def nearest(self, levels: Tensor) -> Tensor:
        """Return the nearest level to each value in units of levels."""
        return levels.round()

    def indices(self, levels: Tensor) -> Tensor:
        """Return the index ``[N]`` of rounded ``levels [N, d]``."""
        digits = levels.to(torch.int64) + levels.new_tensor(self._lowest, dtype=torch.int64)
        index = digits[:, -1]
        for at in range(len(self.levels) - 2, -1, -1):
            index = index * self.levels[at] + digits[:, at]
        return index

    def values(self, levels: Tensor) -> Tensor:
        """Return the values ``[N, d]`` of ``levels``."""
        values = levels / levels.new_tensor(self._lowest)
        return values if self.finer is None else values / levels.new_tensor(self.finer)

    def levels_of(self, indices: Tensor, like: Tensor) -> Tensor:
        """Return the levels ``[N, d]`` of ``indices [N]``, in the dtype of ``like``."""
        digits, rest = [], indices
        for count in self.levels:
            digits.append(rest % count)
            rest = rest // count
        return torch.stack(digits, 1).to(like) - like.new_tensor(self._lowest)

    @property
    def _lowest(self) -> list[int]:
        return [count // 2 for count in self.levels]


class Signs(Levels):
    """The signs of ``d`` values: two levels, -1 and 0, whose values are -1 and 1."""

    def __init__(self, bits: int, layer: int) -> None:
        super().__init__((2,) * bits, 0)
        self.scale = 2.0**layer

    def forward(self, x: Tensor) -> Tensor:
        """See :class:`Levels`; nothing is bounded, so that the gradient passes as it comes."""
        return (x * self.scale - 1) / 2

    def nearest(self, levels: Tensor) -> Tensor:
        """See :class:`Levels`; 0 counts as negative."""
        return (levels > -0.5).to(levels) - 1

    def values(self, levels: Tensor) -> Tensor:
        """See :class:`Levels`."""
        return (2 * levels + 1) / self.scale


class ScalarQuantizer(TrainableQuantizer):
    """All layers and the projections that they share. Training and inference have one form."""

    like: Tensor

    def __init__(
        self,
        project_in: nn.Linear | None,
        layers: Iterable[Levels],
        project_out: nn.Linear | None,
    ) -> None:
        super().__init__()
        self.project_in = project_in
        self.layers = nn.ModuleList(layers)
        self.project_out = project_out
        self.layer_count = len(self.layers)
        # Without projections nothing else says in which type and where the values are to be.
        self.register_buffer("like", torch.empty(0, device="cpu"), persistent=False)

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`."""
        self.check_active(layers)
        batch, _, frames = latent.shape
        residual, codes = project(self.project_in, rows_of(latent)), []
        for i, layer in enumerate(self.first(layers)):
            levels = layer.nearest(layer(residual))
            codes.append(layer.indices(levels))
            if i < layers - 1:
                residual = residual - layer.values(levels)
        return torch.stack(codes).view(layers, batch, frames)

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        layers, batch, frames = codes.shape
        self.check_active(layers)
        first, *others = zip(self.first(layers), codes.flatten(1), strict=True)
        total = self._values(*first)
        for layer, rows in others:
            total = total + self._values(layer, rows)
        return latent_of(project(self.project_out, total), batch, frames)

    def _values(self, layer: Levels, indices: Tensor) -> Tensor:
        return layer.values(layer.levels_of(indices, self.like))

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`; rounding passes the gradient on as it comes."""
        self.check_active(layers)
        batch, _, frames = latent.shape
        residual, codes = project(self.project_in, rows_of(latent)), []
        total = torch.zeros_like(residual)
        for layer in self.first(layers):
            bounded = layer(residual)
            levels = layer.nearest(bounded)
            codes.append(layer.indices(levels.detach()))
            values = layer.values(bounded + (levels - bounded).detach())
            total, residual = total + values, residual - values.detach()
        out = latent_of(project(self.project_out, total), batch, frames)
        indices = torch.stack(codes).view(layers, batch, frames)
        return Quantized(out, indices, out.new_zeros(()))

    def first(self, layers: int) -> list[Levels]:
        """Return the first ``layers``."""
        return [layer for layer in self.layers if isinstance(layer, Levels)][:layers]


@QUANTIZER_MODULES.add(Fsq)
def build_fsq(design: parts.CodecDesign) -> ScalarQuantizer:
    """Return the module of FSQ or residual FSQ."""
    fsq = design.quantizer
    assert isinstance(fsq, Fsq)
    return _projected(design, [Levels(fsq.levels, i) for i in range(fsq.layers)])


@QUANTIZER_MODULES.add(LookupFree)
def build_lookup_free(design: parts.CodecDesign) -> ScalarQuantizer:
    """Return the module of a lookup-free quantizer."""
    binary = design.quantizer
    assert isinstance(binary, LookupFree)
    return _projected(design, [Signs(binary.bits, i) for i in range(binary.layers)])


def _projected(design: parts.CodecDesign, layers: Iterable[Levels]) -> ScalarQuantizer:
    project_in = project_out = None
    if design.has_projections:
        project_in = nn.Linear(design.latent_dim, design.codebook_dim)
        project_out = nn.Linear(design.codebook_dim, design.latent_dim)
    return ScalarQuantizer(project_in, layers, project_out)
