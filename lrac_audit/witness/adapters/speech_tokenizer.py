"""SpeechTokenizer of the package ``speechtokenizer`` (Zhang et al. 2023)."""

from __future__ import annotations

from typing import Any

from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.adapters.residual_quantizers import fill_empty, layered_modes
from lrac_audit.witness.target import AuditTarget


def adapt(model: Any) -> AuditTarget:
    """Return a ``SpeechTokenizer`` as a target; its bidirectional encoder needs the whole clip."""
    rate, hop, quantizer = int(model.sample_rate), int(model.downsample_rate), model.quantizer
    return AuditTarget(
        name=model_name("SpeechTokenizer", rate),
        root=model,
        sample_rate_hz=rate,
        hop_samples=hop,
        transmit=model.encoder,
        receive=model.decoder,
        modes=layered_modes(
            range(1, model.n_q + 1),
            quantizer.bins,
            rate / hop,
            lambda latent, layers: quantizer.encode(latent, n_q=layers),
            quantizer.decode,
        ),
        notes=fill_empty(layer._codebook.embed for layer in quantizer.vq.layers),
    )
