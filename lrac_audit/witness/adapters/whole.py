"""Adapt any other module: by its two halves if it has them, else whole, from audio to audio."""

from __future__ import annotations

from torch import Tensor, nn

from lrac_audit.witness.adapters import encode_decode
from lrac_audit.witness.adapters.declared import read_declared
from lrac_audit.witness.adapters.results import audio_of
from lrac_audit.witness.stated_rates import StatedRates
from lrac_audit.witness.target import AuditTarget


def adapt(model: nn.Module, source: str, stated: StatedRates) -> AuditTarget:
    """Return ``model`` as a target, of two sides if it has ``encode`` and ``decode``.

    Raises:
        InputError: neither the model nor ``stated`` says its sample rate or its hop.
    """
    declared = read_declared(model, source, stated)
    if encode_decode.has_halves(model):
        return encode_decode.adapt(model, declared, source)

    def run(audio: Tensor) -> Tensor:
        return audio_of(model(audio))

    return AuditTarget(
        name=type(model).__name__,
        root=model,
        sample_rate_hz=declared.sample_rate_hz,
        hop_samples=declared.hop_samples,
        transmit=run,
        audio_channels=declared.audio_channels,
    )
