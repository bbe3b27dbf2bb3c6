"""The Descript Audio Codec of ``descript-audio-codec`` and ``transformers`` (Kumar et al. 2023)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.adapters.narrow import narrow_by_config
from lrac_audit.witness.adapters.residual_quantizers import layered_modes
from lrac_audit.witness.target import AuditTarget

NARROW = {"encoder_hidden_size": 4, "decoder_hidden_size": 64}


def narrow(model: Any) -> Any:
    """Return a ``DAC`` of the same layers with few channels."""
    kept = ("encoder_rates", "decoder_rates", "n_codebooks", "codebook_size", "sample_rate")
    same = {name: getattr(model, name) for name in kept}
    return type(model)(**same, encoder_dim=4, decoder_dim=64).eval()


def narrow_transformers(model: Any) -> Any:
    """Return a ``DacModel`` of the same layers with few channels."""
    return narrow_by_config(model, NARROW, derived=("hidden_size", "hop_length"))


def adapt(model: Any) -> AuditTarget:
    """Return a ``DAC`` as a target."""
    rate = int(model.sample_rate)
    return target_of(model, rate, int(model.hop_length), model.n_codebooks, model.codebook_size)


def adapt_transformers(model: Any) -> AuditTarget:
    """Return a ``DacModel`` of the package ``transformers`` as a target."""
    config = model.config
    rate, hop = int(config.sampling_rate), int(config.hop_length)
    return target_of(model, rate, hop, config.n_codebooks, config.codebook_size)


def target_of(model: Any, rate_hz: int, hop: int, layers: int, size: int) -> AuditTarget:
    """Return a DAC of either package as a target, with ``layers`` codebooks of ``size``."""
    quantizer = model.quantizer
    return AuditTarget(
        name=model_name("DAC", rate_hz),
        root=model,
        sample_rate_hz=rate_hz,
        hop_samples=hop,
        transmit=model.encoder,
        receive=model.decoder,
        modes=layered_modes(
            range(1, layers + 1),
            size,
            rate_hz / hop,
            lambda latent, count: quantise(quantizer.quantizers, latent, count),
            lambda codes: quantizer.from_codes(codes)[0],
        ),
    )


def quantise(quantizers: nn.ModuleList, latent: Tensor, layers: int) -> Tensor:
    """Return the codes ``[B, n, F]`` of the quantizer's own ``forward``, without its losses."""
    codes, residual = [], latent
    for layer in list(quantizers)[:layers]:
        codewords, indices = layer.decode_latents(layer.in_proj(residual))  # type: ignore[operator]
        residual = residual - layer.out_proj(codewords)  # type: ignore[operator]
        codes.append(indices)
    return torch.stack(codes, 1)
