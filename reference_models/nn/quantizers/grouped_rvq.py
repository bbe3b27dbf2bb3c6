"""Grouped residual vector quantization: a residual quantizer for each part of the latent.

Codes are ``[n groups, B, F]``, layer by layer and within a layer group by group, so that the first
layers of a frame stand together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.quantizer import Quantized, Quantizer, TrainableQuantizer
from reference_models.nn.quantizers.rvq import TrainedQuantizer, build_layers


class GroupedQuantizer(Quantizer):
    """The quantizers of all groups, each for as many channels of the latent."""

    def __init__(self, groups: Iterable[Quantizer]) -> None:
        super().__init__()
        self.groups = nn.ModuleList(groups)
        self.layer_count = self.each()[0].layer_count

    def each(self) -> list[Quantizer]:
        """Return the quantizers of the groups."""
        return [cast(Quantizer, group) for group in self.groups]

    def codes_per_frame(self, layers: int) -> int:
        """See :class:`Quantizer`; there is one for each layer of each group."""
        return layers * len(self.groups)

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`."""
        parts = latent.chunk(len(self.groups), 1)
        pairs = zip(self.each(), parts, strict=True)
        return torch.stack([group.encode(part, layers) for group, part in pairs], 1).flatten(0, 1)

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        groups = len(self.groups)
        by_group = codes.reshape(len(codes) // groups, groups, *codes.shape[1:]).unbind(1)
        pairs = zip(self.each(), by_group, strict=True)
        return torch.cat([group.decode(part) for group, part in pairs], 1)


class TrainedGroups(GroupedQuantizer, TrainableQuantizer):
    """The quantizers of all groups in their trained form."""

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`."""
        pairs = zip(self.groups, latent.chunk(len(self.groups), 1), strict=True)
        latents, codes, losses = zip(*(group(part, layers) for group, part in pairs), strict=True)
        in_order = torch.stack(codes, 1).flatten(0, 1)
        return Quantized(torch.cat(latents, 1), in_order, torch.stack(losses).mean())


@QUANTIZER_MODULES.add(GroupedRvq)
def build_grouped(design: CodecDesign) -> TrainedGroups:
    """Return the module of a grouped quantizer, its codebooks empty."""
    grouped = design.quantizer
    assert isinstance(grouped, GroupedRvq)
    width, groups = design.latent_dim // grouped.groups, range(grouped.groups)
    return TrainedGroups(TrainedQuantizer(build_layers(grouped.each, width)) for _ in groups)
