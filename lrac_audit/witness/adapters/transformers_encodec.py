"""``EncodecModel`` of the package ``transformers``."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor

from lrac_audit.witness.adapters.encodec import NORMALISED, model_name, normalised
from lrac_audit.witness.adapters.narrow import narrow_by_config
from lrac_audit.witness.adapters.residual_quantizers import fill_empty, layered_modes
from lrac_audit.witness.target import AuditTarget

NARROW = {"num_filters": 2, "hidden_size": 16, "codebook_dim": 16}


def narrow(model: Any) -> Any:
    """Return the same layers with few channels."""
    return narrow_by_config(model, NARROW)


def adapt(model: Any) -> AuditTarget:
    """Return an ``EncodecModel`` as a target."""
    config, quantizer = model.config, model.quantizer
    hop, rate = int(config.hop_length), int(config.sampling_rate)
    filled = fill_empty(layer.codebook.embed for layer in quantizer.layers)
    per_layer_kbps = config.codebook_nbits * rate / hop / 1000

    def quantise(latent: Tensor, layers: int) -> Tensor:
        codes: Tensor = quantizer.encode(latent, layers * per_layer_kbps)
        return codes

    return AuditTarget(
        name=model_name("EnCodec", rate),
        root=model,
        sample_rate_hz=rate,
        hop_samples=hop,
        transmit=partial(normalised, model.encoder) if config.normalize else model.encoder,
        receive=model.decoder,
        modes=layered_modes(
            (max(1, int(kbps / per_layer_kbps)) for kbps in config.target_bandwidths),
            config.codebook_size,
            rate / hop,
            quantise,
            quantizer.decode,
        ),
        audio_channels=config.audio_channels,
        notes=(*((NORMALISED,) if config.normalize else ()), *filled),
    )
