"""``DacModel`` of the package ``transformers``."""

from __future__ import annotations

from typing import Any

from lrac_audit.witness.adapters.descript import quantise
from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.adapters.modes import layered_modes
from lrac_audit.witness.target import AuditTarget


def adapt(model: Any) -> AuditTarget:
    """The four parts of a ``DacModel``."""
    config, quantizer = model.config, model.quantizer
    hop, rate = int(config.hop_length), int(config.sampling_rate)
    return AuditTarget(
        name=model_name("DAC", rate),
        root=model,
        sample_rate_hz=rate,
        hop_samples=hop,
        transmit=model.encoder,
        receive=model.decoder,
        modes=layered_modes(
            range(1, config.n_codebooks + 1),
            config.codebook_size,
            rate / hop,
            lambda latent, layers: quantise(quantizer.quantizers, latent, layers),
            lambda codes: quantizer.from_codes(codes)[0],
        ),
    )
