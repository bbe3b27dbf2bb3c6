"""Split residual vector quantization: parts that each code the whole latent and are summed.

The layers of a part are residual quantizers without projections of their own, between one that
narrows the latent and one that widens the sum of their codewords. Codes are ``[n, B, F]``, those of
the first part first. A mode of few layers may leave the second part off, with its projections.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.parts import Quantizer as Rvq
from lrac_audit.design.quantizers.split_rvq import SplitRvq
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.quantizer import (
    Quantized,
    Quantizer,
    TrainableQuantizer,
    latent_of,
    project,
    rows_of,
)
from reference_models.nn.quantizers.rvq import (
    Layer,
    ResidualQuantizer,
    TrainedLayer,
    TrainedQuantizer,
)


class Part(ResidualQuantizer):
    """A residual quantizer of the projected latent; an absorbed half has one projection or none."""

    def __init__(
        self, project_in: nn.Linear | None, layers: Iterable[Layer], project_out: nn.Linear | None
    ) -> None:
        super().__init__(layers)
        self.project_in = project_in
        self.project_out = project_out

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`."""
        return super().encode(_projected(self.project_in, latent), layers)

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        return _projected(self.project_out, super().decode(codes))


class TrainedPart(Part, TrainedQuantizer):
    """A part in its trained form."""

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`."""
        found = super().forward(_projected(self.project_in, latent), layers)
        return found._replace(latent=_projected(self.project_out, found.latent))


class SplitQuantizer(Quantizer):
    """All parts, of which the first layers in their order are active."""

    def __init__(self, split: SplitRvq, parts: Iterable[Part]) -> None:
        super().__init__()
        self.split = split
        self.parts = nn.ModuleList(parts)
        self.layer_count = split.layers

    def each(self) -> list[Part]:
        """Return the parts."""
        return [cast(Part, part) for part in self.parts]

    def active(self, layers: int) -> list[tuple[Part, int]]:
        """Return the parts that are on, each with the number of its active layers."""
        self.check_active(layers)
        pairs = zip(self.each(), self.split.active_parts(layers), strict=True)
        return [(part, count) for part, count in pairs if count]

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`; there is one code for each layer."""
        return torch.cat([part.encode(latent, count) for part, count in self.active(layers)])

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        active = self.active(len(codes))
        by_part = torch.split(codes, [count for _, count in active])
        first, *others = (
            part.decode(each) for (part, _), each in zip(active, by_part, strict=True)
        )
        return sum(others, first)


class TrainedSplit(SplitQuantizer, TrainableQuantizer):
    """All parts in their trained form."""

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`."""
        found = [(part(latent, count), count) for part, count in self.active(layers)]
        return Quantized(
            torch.stack([part.latent for part, _ in found]).sum(0),
            torch.cat([part.codes for part, _ in found]),
            torch.stack([part.commitment * count for part, count in found]).sum() / layers,
        )


def _projected(linear: nn.Linear | None, latent: Tensor) -> Tensor:
    """Return the latent ``[B, D, F]`` behind ``linear``, or as it is if that is None."""
    if linear is None:
        return latent
    return latent_of(project(linear, rows_of(latent)), len(latent), latent.shape[2])


def projections(design: CodecDesign) -> tuple[nn.Linear | None, nn.Linear | None]:
    """Return new projections of one part of the quantizer of ``design``; None without any."""
    split, latent, dim = split_of(design), design.latent_dim, design.codebook_dim
    if not design.has_projections:
        return None, None
    return nn.Linear(latent, dim, bias=split.bias), nn.Linear(dim, latent, bias=split.bias)


def split_of(design: CodecDesign) -> SplitRvq:
    """Return the quantizer of ``design``, which is split."""
    split = design.quantizer
    assert isinstance(split, SplitRvq)
    return split


@QUANTIZER_MODULES.add(SplitRvq)
def split_quantizer(design: CodecDesign) -> TrainedSplit:
    """Return the quantizer of ``design``, its codebooks empty."""
    split, dim = split_of(design), design.codebook_dim

    def part(rvq: Rvq) -> TrainedPart:
        sizes = rvq.index_sizes(rvq.layers)
        project_in, project_out = projections(design)
        return TrainedPart(
            project_in, [TrainedLayer(None, size, dim, None) for size in sizes], project_out
        )

    return TrainedSplit(split, map(part, split.parts))
