"""Builder of the model of a design; every design that the dataclasses can express has one.

Modules are made in the order of the signal path. A new kind of layer is one function, entered
into ``LAYER_MODULES``; those of the recipe's codecs stand here, those of lists in ``nn/layers``.
"""

from __future__ import annotations

import torch
from torch import nn

from lrac_audit.design import parts
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import LstmLayer, LstmStack, SkipConv, Step, Sum
from reference_models.nn import layers, quantizers  # noqa: F401 - importing the kinds enters their modules
from reference_models.nn.activations import build_activation
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.codec import Codec
from reference_models.nn.conv import (
    StreamingConv1d,
    StreamingConvTranspose1d,
    StreamingLSTM,
    add_weight_norm,
    fold_weight_norm,
)
from reference_models.nn.layer_modules import (
    LAYER_MODULES,
    QUANTIZER_MODULES,
    build_inner,
    build_layer,
)
from reference_models.nn.model_size import check_size
from reference_models.nn.quantizer import TrainableQuantizer
from reference_models.nn.seanet import (
    Decoder,
    DecoderBlock,
    Encoder,
    EncoderBlock,
    HeldSum,
    LSTMStack,
    ResidualUnit,
)

TRIAL_SAMPLES = 1_000_000
"""Maximum number of samples of noise that an untrained codec's codebooks are made from."""


def build(design: parts.CodecDesign) -> Codec:
    """Return the codec of ``design``, to be trained: torch's initial weights, codebooks empty.

    Raises:
        InputError: a layer is of a kind that has no module, or the model takes more memory than
            the machine has.
    """
    check_size(design)
    parts_in_order = build_encoder(design), build_quantizer(design), build_decoder(design)
    codec = Codec(design, "trained", *parts_in_order)
    add_weight_norm(codec)
    return codec


def build_untrained(design: parts.CodecDesign, seed: int) -> Codec:
    """Return an untrained codec for tests and demonstrations, its codebooks from k-means on noise.

    Weight norm is folded, and the model is in evaluation mode.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        codec = build(design).eval()
        fold_weight_norm(codec)
        most = max((len(book.embed) for book in trained_codebooks(codec)), default=0)
        frames = max(min(2 * most, TRIAL_SAMPLES // design.hop_samples), 1)
        noise = 0.1 * torch.randn(1, design.audio_channels, frames * design.hop_samples)
        codec(noise)
    return codec


def build_encoder(design: parts.CodecDesign) -> Encoder:
    """Return the encoder of ``design``, without weight norm."""
    return Encoder(build_inner(signal_path(design).encoder))


def build_decoder(design: parts.CodecDesign) -> Decoder:
    """Return the decoder of ``design``, without weight norm."""
    return Decoder(build_inner(signal_path(design).decoder))


def build_quantizer(design: parts.CodecDesign) -> TrainableQuantizer:
    """Return the quantizer of ``design`` in its trained form, its codebooks empty."""
    return QUANTIZER_MODULES.of("quantizer", design.quantizer)(design)


@LAYER_MODULES.add(parts.EncoderBlock)
def _encoder_block(step: Step) -> EncoderBlock:
    return EncoderBlock(build_inner(step))


@LAYER_MODULES.add(parts.DecoderBlock)
def _decoder_block(step: Step) -> DecoderBlock:
    return DecoderBlock(build_inner(step))


@LAYER_MODULES.add(parts.ResidualUnit)
def _residual_unit(step: Step) -> ResidualUnit:
    return ResidualUnit(build_inner(step), step.channels_in)


@LAYER_MODULES.add(LstmStack)
def _lstm_stack(step: Step) -> LSTMStack:
    # The stack adds its own skip: nothing has to be held back for an LSTM, so that needs no module.
    steps = [inner for inner in step.inner or () if isinstance(inner.part, LstmLayer)]
    return LSTMStack(build_layer(inner) for inner in steps)


@LAYER_MODULES.add(LstmLayer)
def _lstm_layer(step: Step) -> StreamingLSTM:
    return StreamingLSTM(step.channels_in)


@LAYER_MODULES.add(Sum)
def _sum(step: Step) -> HeldSum:
    return HeldSum(step.part.look_ahead_steps)


@LAYER_MODULES.add(parts.Activation)
def _activation(step: Step) -> nn.Module:
    return build_activation(step.part, step.channels_in)


@LAYER_MODULES.add(parts.Conv, parts.EdgeConv, SkipConv, parts.DownConv)
def _conv(step: Step) -> StreamingConv1d:
    conv = step.part
    return StreamingConv1d(
        step.channels_in,
        step.channels_out,
        conv.kernel,
        conv.stride if isinstance(conv, parts.DownConv) else 1,
        conv.dilation,
        conv.groups,
        look_ahead=conv.look_ahead_steps,
    )


@LAYER_MODULES.add(parts.UpConv)
def _up(step: Step) -> StreamingConvTranspose1d:
    up = step.part
    return StreamingConvTranspose1d(
        step.channels_in, up.channels, up.kernel, up.stride, up.groups, up.trim_left
    )
