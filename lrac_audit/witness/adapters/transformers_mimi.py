"""``MimiModel`` of the package ``transformers`` (Defossez et al. 2024)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from lrac_audit.errors import InputError, Problem
from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.adapters.narrow import narrow_by_config
from lrac_audit.witness.adapters.residual_quantizers import fill_empty, layered_modes
from lrac_audit.witness.target import AuditTarget

NARROW = {
    "num_filters": 4,
    "hidden_size": 64,
    "upsample_groups": 64,
    "codebook_dim": 32,
    "vector_quantization_hidden_dimension": 32,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}


def narrow(model: Any) -> Any:
    """Return the same layers with few channels."""
    return narrow_by_config(model, NARROW, derived=("head_dim",))


def adapt(model: Any) -> AuditTarget:
    """Return a ``MimiModel`` as a target; each transformer belongs to the side that it is in.

    Raises:
        InputError: it is of an older layout, or it has only one of its halves.
    """
    if not hasattr(model.encoder, "encoder_seanet") or model.decoder is None:
        allowed = "a MimiModel with both halves, of a newer transformers (5.23 is known to work)"
        raise InputError("MimiModel", [Problem("", "a model without such halves", allowed)])
    config, quantizer = model.config, model.quantizer
    hop, rate = int(config.frame_size), int(config.sampling_rate)
    parts = (
        quantizer.semantic_residual_vector_quantizer,
        quantizer.acoustic_residual_vector_quantizer,
    )
    codebooks = [layer.codebook for part in parts for layer in part.layers]
    filled = fill_empty(codebook.embed_sum for codebook in codebooks)
    if filled:
        for codebook in codebooks:
            codebook._embed = None  # the model computes it from the sums when it needs it

    def transmit(audio: Tensor) -> Tensor:
        latent: Tensor = model.encoder(audio).latents
        return latent

    def receive(latent: Tensor) -> Tensor:
        audio: Tensor = model.decoder(latent).audio_values
        return audio

    return AuditTarget(
        name=model_name("Mimi", rate),
        root=model,
        sample_rate_hz=rate,
        hop_samples=hop,
        transmit=transmit,
        receive=receive,
        modes=layered_modes(
            range(config.num_semantic_quantizers, config.num_quantizers + 1),
            config.codebook_size,
            rate / hop,
            lambda latent, layers: quantizer.encode(latent, layers).transpose(0, 1),
            quantizer.decode,
        ),
        audio_channels=config.audio_channels,
        notes=filled,
    )
