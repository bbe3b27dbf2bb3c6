"""EnCodec of the package ``encodec`` (Defossez et al. 2022)."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor, nn

from lrac_audit.witness.adapters.residual_quantizers import fill_empty, layered_modes
from lrac_audit.witness.target import AuditTarget

FLOOR = 1e-8
"""Keeps the scale of silence from being zero, as in the model."""
NORMALISED = (
    "Audio is scaled by its loudness over the whole clip. The model itself cuts clips into "
    "segments and scales each by its own; the segments are not applied here, and the scales, one "
    "number for each segment that has to be sent beside the codes, are not in the bitrate."
)


def adapt(model: Any) -> AuditTarget:
    """Return an ``EncodecModel`` as a target."""
    hop = int(model.encoder.hop_length)
    per_layer_kbps = model.bits_per_codebook * model.sample_rate / hop / 1000
    quantizer = model.quantizer
    filled = fill_empty(layer.codebook for layer in quantizer.vq.layers)
    return AuditTarget(
        name=model_name("EnCodec", model.sample_rate),
        root=model,
        sample_rate_hz=model.sample_rate,
        hop_samples=hop,
        transmit=partial(normalised, model.encoder) if model.normalize else model.encoder,
        receive=model.decoder,
        modes=layered_modes(
            (max(1, int(kbps / per_layer_kbps)) for kbps in model.target_bandwidths),
            quantizer.bins,
            model.sample_rate / hop,
            lambda latent, layers: quantizer.vq.encode(latent, n_q=layers),
            quantizer.decode,
        ),
        audio_channels=model.channels,
        notes=(*((NORMALISED,) if model.normalize else ()), *filled),
    )


def normalised(encoder: nn.Module, audio: Tensor) -> Tensor:
    """Return the latent of ``audio [B, C, T]`` scaled to a root mean square of 1 over the clip."""
    loudness = audio.mean(1, keepdim=True).pow(2).mean(2, keepdim=True).sqrt()
    latent: Tensor = encoder(audio / (loudness + FLOOR))
    return latent


def model_name(family: str, sample_rate_hz: int) -> str:
    """Return the name of a model as reports show it."""
    return f"{family} {sample_rate_hz / 1000:g} kHz"
