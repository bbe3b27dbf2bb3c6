"""Finite scalar quantization (Mentzer et al. 2023) and its residual form, with shared projections.

Each of ``d`` values is bounded by a tanh to the range of its ``L`` levels and rounded. Levels are
whole numbers from ``-(L // 2)``; a value is its level over ``L // 2``, so that it lies between -1
and 1. An index puts the digits ``level + L // 2`` together, the first value's digit lowest. A
residual layer ``i`` rounds ``(L - 1) ** i`` times what the layers before it left over.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lrac_audit.design import parts
from lrac_audit.design.quantizers.fsq import Fsq
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.matmul import project
from reference_models.nn.quantizer import Quantized, TrainableQuantizer, latent_of, rows_of

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


class FiniteScalarQuantizer(TrainableQuantizer):
    """All layers and the projections that they share. Training and inference have one form."""

    like: Tensor

    def __init__(
        self,
        project_in: nn.Linear | None,
        levels: Sequence[int],
        layers: int,
        project_out: nn.Linear | None,
    ) -> None:
        super().__init__()
        self.project_in = project_in
        self.layers = nn.ModuleList(Levels(levels, i) for i in range(layers))
        self.project_out = project_out
        self.layer_count = layers
        # Without projections nothing else says in which type and where the values are to be.
        self.register_buffer("like", torch.empty(0, device="cpu"), persistent=False)

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`."""
        self.check_active(layers)
        batch, _, frames = latent.shape
        residual, codes = project(self.project_in, rows_of(latent)), []
        for i, layer in enumerate(self._first(layers)):
            levels = layer(residual).round()
            codes.append(layer.indices(levels))
            if i < layers - 1:
                residual = residual - layer.values(levels)
        return torch.stack(codes).view(layers, batch, frames)

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        layers, batch, frames = codes.shape
        self.check_active(layers)
        values = [
            layer.values(layer.levels_of(rows, self.like))
            for layer, rows in zip(self._first(layers), codes.flatten(1), strict=True)
        ]
        total = values[0]
        for more in values[1:]:
            total = total + more
        return latent_of(project(self.project_out, total), batch, frames)

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`; rounding passes the gradient on as it comes."""
        self.check_active(layers)
        batch, _, frames = latent.shape
        residual, codes = project(self.project_in, rows_of(latent)), []
        total = torch.zeros_like(residual)
        for layer in self._first(layers):
            bounded = layer(residual)
            levels = bounded.round()
            codes.append(layer.indices(levels.detach()))
            values = layer.values(bounded + (levels - bounded).detach())
            total, residual = total + values, residual - values.detach()
        out = latent_of(project(self.project_out, total), batch, frames)
        indices = torch.stack(codes).view(layers, batch, frames)
        return Quantized(out, indices, out.new_zeros(()))

    def _first(self, layers: int) -> list[Levels]:
        return [layer for layer in self.layers if isinstance(layer, Levels)][:layers]


@QUANTIZER_MODULES.add(Fsq)
def build_fsq(design: parts.CodecDesign) -> FiniteScalarQuantizer:
    """Return the module of FSQ or residual FSQ."""
    fsq, project_in, project_out = design.quantizer, None, None
    assert isinstance(fsq, Fsq)
    if design.has_projections:
        project_in = nn.Linear(design.latent_dim, design.codebook_dim)
        project_out = nn.Linear(design.codebook_dim, design.latent_dim)
    return FiniteScalarQuantizer(project_in, fsq.levels, fsq.layers, project_out)
