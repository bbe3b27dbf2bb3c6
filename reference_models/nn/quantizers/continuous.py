"""No quantizer: the codes are the values of the latent."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.design import parts
from lrac_audit.design.quantizers.continuous import NoQuantizer
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.quantizer import Quantized, TrainableQuantizer


class ContinuousLatent(TrainableQuantizer):
    """Codes ``[D, B, F]`` are the latent, its channels first."""

    layer_count = 0

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.register_buffer("like", torch.empty(0, device="cpu"), persistent=False)

    like: Tensor

    def check_active(self, count: int) -> None:
        """See :class:`Quantizer`; there are no layers."""
        if count:
            raise ValueError(f"given {count} active layers; allowed: 0")

    def codes_per_frame(self, layers: int) -> int:
        """See :class:`Quantizer`; there is one value for each channel."""
        return self.latent_dim

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`."""
        return latent.transpose(0, 1)

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        return codes.transpose(0, 1).to(self.like)

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`."""
        return Quantized(latent, self.encode(latent, layers), latent.new_zeros(()))


@QUANTIZER_MODULES.add(NoQuantizer)
def build_continuous(design: parts.CodecDesign) -> ContinuousLatent:
    """Return the module that passes the latent on."""
    return ContinuousLatent(design.latent_dim)
