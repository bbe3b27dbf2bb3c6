"""Residual vector quantization: each layer codes the residual of the layers before it.

Forms of a layer and their contents (``K`` codewords of width ``d``, latent width ``D``):

========  ======================================================================
trained   project_in, K x d codebook with its averages, project_out
transmit  project_in, K x d codebook to search, K x D table to subtract
receive   K x D table
========  ======================================================================

The last two are the absorbed form: the output projection with its bias is folded into the table.
Without projections the codebook is the table: transmit then keeps it once.

The attributes are named as the rows of the ledger. Rows that are no modules: ``subtract`` and
``add``, which hold nothing, and ``lookup`` where it reads the codebook of ``search``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.design import parts
from reference_models.nn.codebook import Codebook, TrainedCodebook
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.quantizer import (
    Quantized,
    Quantizer,
    TrainableQuantizer,
    latent_of,
    project,
    rows_of,
)


class Table(nn.Module):
    """The vector of each code in the latent space."""

    values: Tensor
    """``[K, D]``, a buffer."""

    def __init__(self, size: int, latent_dim: int) -> None:
        super().__init__()
        self.register_buffer("values", torch.zeros(size, latent_dim))

    def forward(self, codes: Tensor) -> Tensor:
        """Return the vectors of ``codes``, ``[...]`` to ``[..., D]``."""
        return functional.embedding(codes, self.values)


class Layer(nn.Module):
    """One layer of the quantizer."""

    def search_codes(self, residual: Tensor) -> Tensor:
        """Return the codes of ``residual [N, D]``: ``[N]``."""
        raise NotImplementedError(f"{type(self).__name__} has no codebook to search")

    def values_of(self, codes: Tensor) -> Tensor:
        """Return the contribution of ``codes [...]`` to the latent: ``[..., D]``."""
        raise NotImplementedError


class Learning(NamedTuple):
    """The output of a layer in training."""

    values: Tensor
    """``[N, D]``, differentiable."""
    codes: Tensor
    """``[N]``."""
    commitment: Tensor
    """Mean squared distance of the projected vectors from their codewords; 0 in evaluation."""


class TrainedLayer(Layer):
    """A layer in its trained form."""

    def __init__(
        self, project_in: nn.Linear | None, size: int, dim: int, project_out: nn.Linear | None
    ) -> None:
        super().__init__()
        self.project_in = project_in
        self.search = TrainedCodebook(size, dim)
        self.project_out = project_out

    def search_codes(self, residual: Tensor) -> Tensor:
        """See :class:`Layer`."""
        return cast(Tensor, self.search(project(self.project_in, residual)))

    def values_of(self, codes: Tensor) -> Tensor:
        """See :class:`Layer`."""
        return project(self.project_out, self.search.lookup(codes))

    def forward(self, residual: Tensor) -> Learning:
        """Quantise ``residual [N, D]``; in training mode, update the codebook."""
        x = project(self.project_in, residual)
        if not self.search.inited:
            self.search.initialise(x.detach())
        codes = self.search(x.detach())
        codewords = self.search.lookup(codes)
        if not self.training:
            return Learning(project(self.project_out, codewords), codes, x.new_zeros(()))
        self.search.update(x.detach(), codes)
        # Straight-through estimator: the value of the codeword, the gradient of its input.
        straight_through = x + (codewords - x).detach()
        commitment = functional.mse_loss(x, codewords)
        return Learning(project(self.project_out, straight_through), codes, commitment)


class TransmitLayer(Layer):
    """The transmitter's half of an absorbed layer."""

    def __init__(
        self, project_in: nn.Linear | None, size: int, dim: int, lookup: Table | None
    ) -> None:
        super().__init__()
        self.project_in = project_in
        self.search = Codebook(size, dim)
        self.lookup = lookup

    def search_codes(self, residual: Tensor) -> Tensor:
        """See :class:`Layer`."""
        return cast(Tensor, self.search(project(self.project_in, residual)))

    def values_of(self, codes: Tensor) -> Tensor:
        """See :class:`Layer`."""
        return self.search.lookup(codes) if self.lookup is None else self.lookup(codes)


class ReceiveLayer(Layer):
    """The receiver's half of an absorbed layer."""

    def __init__(self, lookup: Table) -> None:
        super().__init__()
        self.lookup = lookup

    def values_of(self, codes: Tensor) -> Tensor:
        """See :class:`Layer`."""
        return cast(Tensor, self.lookup(codes))


class ResidualQuantizer(Quantizer):
    """All layers."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.layer_count = len(self.layers)

    def active(self, count: int) -> list[Layer]:
        """Return the first ``count`` layers."""
        self.check_active(count)
        return [cast(Layer, layer) for layer in list(self.layers)[:count]]

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`; there is one code for each layer."""
        batch, _, frames = latent.shape
        active = self.active(layers)
        if not frames:
            return latent.new_empty(layers, batch, 0, dtype=torch.int64)
        residual = rows_of(latent)
        codes = []
        for layer in active:  # the last subtraction is not needed, but the audit counts it
            codes.append(layer.search_codes(residual))
            residual = residual - layer.values_of(codes[-1])
        return torch.stack(codes).view(layers, batch, frames)

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        layers, batch, frames = codes.shape
        active = self.active(layers)
        rows = codes.reshape(layers, batch * frames)
        latent = active[0].values_of(rows[0])
        for layer, layer_codes in zip(active[1:], rows[1:], strict=True):
            latent = latent + layer.values_of(layer_codes)
        return latent_of(latent, batch, frames)


def trained_layers(quantizer: Quantizer) -> list[TrainedLayer]:
    """Return the layers of a residual vector quantizer in its trained form.

    Raises:
        TypeError: it is another one, or a layer cannot be trained.
    """
    if not isinstance(quantizer, ResidualQuantizer):
        raise TypeError(f"given {type(quantizer).__name__}; allowed: ResidualQuantizer")
    layers = []
    for layer in quantizer.layers:
        if not isinstance(layer, TrainedLayer):
            raise TypeError(f"given {type(layer).__name__}; allowed: TrainedLayer")
        layers.append(layer)
    return layers


class TrainedQuantizer(ResidualQuantizer, TrainableQuantizer):
    """All layers in their trained form."""

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`.

        No layer gets a gradient through the subtractions of the layers before it. The other
        layers are neither trained nor initialised.
        """
        batch, dim, frames = latent.shape
        residual = rows_of(latent)
        results: list[Learning] = []
        for layer in self.active(layers):
            results.append(layer(residual))
            residual = residual - results[-1].values.detach()
        values = torch.stack([result.values for result in results]).sum(0)
        codes = torch.stack([result.codes for result in results])
        commitment = torch.stack([result.commitment for result in results]).mean()
        latent = values.view(batch, frames, dim).transpose(1, 2)
        return Quantized(latent, codes.view(layers, batch, frames), commitment)


@QUANTIZER_MODULES.add(parts.Quantizer)
def build_rvq(design: parts.CodecDesign) -> TrainedQuantizer:
    """Return the module of a residual vector quantizer, its codebooks empty."""
    return TrainedQuantizer(build_layers(parts.the_rvq(design, "the module"), design.latent_dim))


def build_layers(rvq: parts.Quantizer, latent_dim: int) -> Iterator[TrainedLayer]:
    """Yield the layers of ``rvq`` for a latent of that width."""
    dim = rvq.code_dim(latent_dim)
    for size in rvq.index_sizes(rvq.layers):
        project_in = project_out = None
        if dim != latent_dim:
            project_in, project_out = nn.Linear(latent_dim, dim), nn.Linear(dim, latent_dim)
        yield TrainedLayer(project_in, size, dim, project_out)
