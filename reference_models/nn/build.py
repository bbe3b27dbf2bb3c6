"""From a design to its model. Every design that the dataclasses can express has one."""

from __future__ import annotations

import torch
from torch import nn

from lrac_audit.design import parts
from reference_models.nn.activations import build_activation
from reference_models.nn.codec import Codec
from reference_models.nn.conv import (
    StreamingConv1d,
    StreamingConvTranspose1d,
    add_weight_norm,
    fold_weight_norm,
)
from reference_models.nn.rvq import TrainedLayer, TrainedQuantizer
from reference_models.nn.seanet import (
    Decoder,
    DecoderBlock,
    Encoder,
    EncoderBlock,
    LSTMStack,
    ResidualUnit,
)

TRIAL_SAMPLES = 1_000_000
"""Most samples of noise that an untrained codec's codebooks are made from."""


def build(design: parts.CodecDesign) -> Codec:
    """The codec of ``design``, to be trained: torch's initial weights, codebooks still empty."""
    parts_in_order = build_encoder(design), build_quantizer(design), build_decoder(design)
    codec = Codec(design, "trained", *parts_in_order)
    add_weight_norm(codec)
    return codec


def build_untrained(design: parts.CodecDesign, seed: int) -> Codec:
    """A codec to try things out with: nothing learned, codebooks from k-means on noise.

    Weight norm is folded, and the model is in evaluation mode.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        codec = build(design).eval()
        fold_weight_norm(codec)
        frames = max(
            min(2 * design.quantizer.codebook_size, TRIAL_SAMPLES // design.hop_samples), 1
        )
        noise = 0.1 * torch.randn(1, design.audio_channels, frames * design.hop_samples)
        codec(noise)
    return codec


def build_encoder(design: parts.CodecDesign) -> Encoder:
    """The encoder of ``design``, without weight norm."""
    part, width = design.encoder, design.audio_channels
    first = _edge(part.input, width)
    if part.input is not None:
        width = part.input.channels
    blocks = []
    for block in part.blocks:
        residual = [_unit(unit, width, part.activation) for unit in block.residual]
        activation = build_activation(part.activation, width)
        blocks.append(EncoderBlock(residual, activation, _down(block.down, width)))
        width = block.down.channels
    lstm = LSTMStack(width, part.lstm_layers) if part.lstm_layers else None
    activation_out = build_activation(part.activation, width) if part.output else None
    return Encoder(first, blocks, lstm, activation_out, _edge(part.output, width))


def build_decoder(design: parts.CodecDesign) -> Decoder:
    """The decoder of ``design``, without weight norm."""
    part, width = design.decoder, design.latent_dim
    first = _edge(part.input, width)
    if part.input is not None:
        width = part.input.channels
    lstm = LSTMStack(width, part.lstm_layers) if part.lstm_layers else None
    blocks = []
    for block in part.blocks:
        activation, up = build_activation(part.activation, width), _up(block.up, width)
        width = block.up.channels
        residual = [_unit(unit, width, part.activation) for unit in block.residual]
        blocks.append(DecoderBlock(activation, up, residual))
    audio = design.audio_channels
    activation_out = build_activation(part.activation, width) if part.output else None
    output = _conv(part.output, width, audio) if part.output else None
    final = build_activation(part.final_activation, audio) if part.final_activation else None
    return Decoder(first, lstm, blocks, activation_out, output, final)


def build_quantizer(design: parts.CodecDesign) -> TrainedQuantizer:
    """The quantizer of ``design`` in its trained form, its codebooks empty."""
    return TrainedQuantizer(_quantizer_layer(design) for _ in range(design.quantizer.layers))


def _quantizer_layer(design: parts.CodecDesign) -> TrainedLayer:
    project_in = project_out = None
    if design.has_projections:
        project_in = nn.Linear(design.latent_dim, design.codebook_dim)
        project_out = nn.Linear(design.codebook_dim, design.latent_dim)
    return TrainedLayer(
        project_in, design.quantizer.codebook_size, design.codebook_dim, project_out
    )


def _unit(unit: parts.ResidualUnit, width: int, activation: parts.Activation) -> ResidualUnit:
    widths = unit.widths(width)
    convs = [
        _conv(conv, before, after)
        for conv, before, after in zip(unit.convs, widths[:-1], widths[1:], strict=True)
    ]
    activations = [build_activation(activation, conv.in_channels) for conv in convs]
    skip = StreamingConv1d(width, width, kernel=1) if unit.learnable_skip else None
    return ResidualUnit(activations, convs, skip)


def _conv(conv: parts.Conv | parts.EdgeConv, before: int, after: int) -> StreamingConv1d:
    return StreamingConv1d(
        before, after, conv.kernel, 1, conv.dilation, conv.groups, causal=conv.causal
    )


def _edge(conv: parts.EdgeConv | None, before: int) -> StreamingConv1d | None:
    return None if conv is None else _conv(conv, before, conv.channels)


def _down(conv: parts.DownConv, before: int) -> StreamingConv1d:
    return StreamingConv1d(
        before, conv.channels, conv.kernel, conv.stride, conv.dilation, conv.groups, conv.causal
    )


def _up(conv: parts.UpConv, before: int) -> StreamingConvTranspose1d:
    return StreamingConvTranspose1d(
        before, conv.channels, conv.kernel, conv.stride, conv.groups, conv.trim_left
    )
