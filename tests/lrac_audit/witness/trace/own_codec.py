"""The project's codecs as targets: their own closed form is what the trace has to give."""

from __future__ import annotations

from torch import nn

from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.row import Row
from lrac_audit.witness.target import AuditTarget, TargetMode
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build
from reference_models.nn.codec import Codec, receive_side, transmit_side
from tests.lrac_audit.witness.trace.tracing import macs_by_name

Expected = dict[str, dict[str, int]]


def trained_target(design: CodecDesign, layers: int) -> AuditTarget:
    codec = build(design).eval()
    return _target(design, layers, codec, codec)


def absorbed_targets(design: CodecDesign, layers: int) -> tuple[AuditTarget, AuditTarget]:
    """The half that sends and the half that receives; only one side of each is meant."""
    codec = build(design).eval()
    transmit, receive = absorb(codec)
    return _target(design, layers, transmit, codec), _target(design, layers, codec, receive)


def _target(design: CodecDesign, layers: int, sender: Codec, receiver: Codec) -> AuditTarget:
    sending, receiving = transmit_side(sender), receive_side(receiver)
    mode = TargetMode(
        design.bitrate_kbps(layers),
        lambda latent: sender.quantizer.encode(latent, layers),
        receiver.quantizer.decode,
        layers,
    )
    root = sender if sender is receiver else nn.ModuleList([sender, receiver])
    return AuditTarget(
        name=design.name,
        root=root,
        sample_rate_hz=design.sample_rate_hz,
        hop_samples=design.hop_samples,
        transmit=lambda audio: sending(audio),
        receive=lambda latent: receiving(latent),
        modes=(mode,),
        audio_channels=design.audio_channels,
    )


def as_in_closed_form(rows: tuple[Row, ...]) -> Expected:
    """By name within a codec; an LSTM layer is a module around torch's own, called ``cell``."""
    return {
        name.removeprefix("0.").removeprefix("1.").removesuffix(".cell"): work
        for name, work in macs_by_name(rows).items()
    }
