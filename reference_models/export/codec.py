"""Programs of a codec: the flat lists of operations of its two sides, as it is deployed."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.design.path import signal_path
from lrac_audit.errors import InputError, Problem
from reference_models.export import layers as kinds_of_layers  # noqa: F401 - enters their operations
from reference_models.export import quantizers  # noqa: F401 - enters their operations
from reference_models.export.lowering import QUANTIZERS, Builder
from reference_models.export.program import Program
from reference_models.export.signal import RateChange, Signal, ValidRows, extended
from reference_models.nn.absorb import deployed
from reference_models.nn.bounded_delay import refuse_unbounded
from reference_models.nn.codec import Codec


class Programs(NamedTuple):
    """The programs of both sides of a codec."""

    transmit: Program
    receive: Program


def programs_of(codec: Codec, layers: int | None = None) -> Programs:
    """Return the programs of a trained ``codec`` with the first ``layers`` of its quantizer.

    Raises:
        InputError: a layer or the quantizer is of a kind that cannot be exported, the delay of a
            layer has no bound, or the codec is one half of an absorbed one.
    """
    refuse_unbounded(codec.design)
    count = codec.design.quantizer.layers if layers is None else layers
    if codec.variant != "trained":
        given = f"weights of the variant {codec.variant}"
        allowed = "the trained weights that both sides are made from"
        raise InputError("export", [Problem(codec.design.name, given, allowed)])
    transmit, receive = deployed(codec)
    return Programs(transmit_program(transmit, count), receive_program(receive, count))


def transmit_program(codec: Codec, layers: int) -> Program:
    """Return the program from the audio of a frame to its indices."""
    design, builder = codec.design, Builder(codec)
    path = signal_path(design)
    name = builder.value("audio", design.hop_samples, design.audio_channels)
    audio = Signal(name, design.hop_samples, design.audio_channels, 0, ())
    latent = builder.steps(path.encoder, audio)
    lower = QUANTIZERS.of(path.quantizer.path, design.quantizer)
    indices = lower.transmit(builder, latent, layers)
    steps = latent.rows
    length = extended(latent.length, RateChange(1, steps))
    frames = ValidRows(1, -(-latent.lag // steps), length)
    return builder.program("transmit", layers, (name,), indices, frames)


def receive_program(codec: Codec, layers: int) -> Program:
    """Return the program from the indices of a frame to its audio."""
    design, builder = codec.design, Builder(codec)
    path = signal_path(design)
    lower = QUANTIZERS.of(path.quantizer.path, design.quantizer)
    steps = design.quantizer.frame_steps
    length = extended((), RateChange(steps, 1))
    frame = Signal("codes", steps, design.latent_dim, 0, length)
    indices, latent = lower.receive(builder, frame, layers)
    audio = builder.steps(path.decoder, latent)
    return builder.program("receive", layers, indices, (audio.name,), audio.valid)
