"""The Descript Audio Codec of the package ``descript-audio-codec`` (Kumar et al. 2023)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.adapters.modes import layered_modes
from lrac_audit.witness.target import AuditTarget


def adapt(model: Any) -> AuditTarget:
    """The four parts of a ``DAC``."""
    hop, rate, quantizer = int(model.hop_length), int(model.sample_rate), model.quantizer
    return AuditTarget(
        name=model_name("DAC", rate),
        root=model,
        sample_rate_hz=rate,
        hop_samples=hop,
        transmit=model.encoder,
        receive=model.decoder,
        modes=layered_modes(
            range(1, model.n_codebooks + 1),
            model.codebook_size,
            rate / hop,
            lambda latent, layers: quantise(quantizer.quantizers, latent, layers),
            lambda codes: quantizer.from_codes(codes)[0],
        ),
    )


def quantise(quantizers: nn.ModuleList, latent: Tensor, layers: int) -> Tensor:
    """Codes ``[B, n, F]``: what the quantizer's own ``forward`` does, without its losses."""
    codes, residual = [], latent
    for layer in list(quantizers)[:layers]:
        codewords, indices = layer.decode_latents(layer.in_proj(residual))  # type: ignore[operator]
        residual = residual - layer.out_proj(codewords)  # type: ignore[operator]
        codes.append(indices)
    return torch.stack(codes, 1)
