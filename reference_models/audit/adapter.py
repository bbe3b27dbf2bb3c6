"""Adapt the codecs of this project, in their trained and in their absorbed form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from torch import Tensor, nn

from lrac_audit.errors import InputError, Problem
from lrac_audit.witness.target import AuditTarget, TargetMode

if TYPE_CHECKING:
    from reference_models.nn.absorb import Absorbed
    from reference_models.nn.codec import Codec

RECEIVE_QUANTIZER = "receive_quantizer"
"""Name under which the root of an absorbed pair keeps the quantizer of the receive side."""


def adapt(codec: Codec) -> AuditTarget:
    """Return a codec in its trained form as a target.

    Raises:
        InputError: it is only one side of an absorbed codec.
    """
    if codec.encoder is None or codec.decoder is None:
        given, allowed = "one side of an absorbed codec", "both, as absorb() returns them"
        raise InputError("Codec", [Problem("", given, allowed)])
    return target_of(codec, codec)


def adapt_absorbed(pair: Absorbed) -> AuditTarget:
    """Return an absorbed codec, whose two sides keep different quantizers, as a target."""
    return target_of(pair.transmit, pair.receive)


def target_of(sender: Codec, receiver: Codec) -> AuditTarget:
    """Return the target that a sender and a receiver make, which may be one and the same codec."""
    from reference_models.nn.codec import receive_side, transmit_side

    root: nn.Module = sender
    if sender is not receiver:
        root = nn.Module()
        root.add_module("encoder", sender.encoder)
        root.add_module("quantizer", sender.quantizer)
        root.add_module(RECEIVE_QUANTIZER, receiver.quantizer)
        root.add_module("decoder", receiver.decoder)
        root.eval()
    design = sender.design

    def quantise(latent: Tensor, layers: int) -> Tensor:
        return sender.quantizer.encode(latent, layers)

    return AuditTarget(
        name=design.name,
        root=root,
        sample_rate_hz=design.sample_rate_hz,
        hop_samples=design.hop_samples,
        transmit=transmit_side(sender),
        receive=receive_side(receiver),
        modes=tuple(
            TargetMode(
                design.bitrate_kbps(layers),
                partial(quantise, layers=layers),
                receiver.quantizer.decode,
                layers,
            )
            for layers in (design.quantizer.mode_layers if design.quantizer.layers else ())
        ),
        audio_channels=design.audio_channels,
    )
