"""Mimi of the package ``moshi`` (Defossez et al. 2024)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.adapters.residual_quantizers import fill_empty, layered_modes
from lrac_audit.witness.target import AuditTarget


def adapt(model: Any) -> AuditTarget:
    """Return a ``MimiModel`` as a target; each transformer belongs to the side that it is in."""
    quantizer = model.quantizer
    first, all_layers = quantizer.n_q_semantic, model.total_codebooks
    codebooks = [
        layer._codebook
        for part in (quantizer.rvq_first, quantizer.rvq_rest)
        for layer in part.vq.layers
    ]
    filled = fill_empty(codebook.embedding_sum for codebook in codebooks)
    if filled:
        for codebook in codebooks:
            codebook._embedding = None  # the model computes it from the sums when it needs it

    def transmit(audio: Tensor) -> Tensor:
        latent: Tensor = model.encode_to_latent(audio, quantize=False)
        return latent

    def quantise(latent: Tensor, layers: int) -> Tensor:
        active = model.num_codebooks
        model.set_num_codebooks(layers)
        try:
            codes: Tensor = quantizer.encode(latent)
        finally:
            model.set_num_codebooks(active)
        return codes

    def receive(latent: Tensor) -> Tensor:
        inner = model._to_encoder_framerate(latent)
        if model.decoder_transformer is not None:
            (inner,) = model.decoder_transformer(inner)
        audio: Tensor = model.decoder(inner)
        return audio

    return AuditTarget(
        name=model_name("Mimi", model.sample_rate),
        root=model,
        sample_rate_hz=model.sample_rate,
        hop_samples=model.frame_size,
        transmit=transmit,
        receive=receive,
        modes=layered_modes(
            range(first, all_layers + 1),
            model.cardinality,
            model.frame_rate,
            quantise,
            model.decode_latent,
        ),
        audio_channels=model.channels,
        notes=filled,
    )
