"""Random codec designs, small enough to be checked by brute force."""

from __future__ import annotations

from hypothesis import strategies as st

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)

CHANNELS = st.integers(1, 6)
ACTIVATION = st.sampled_from([Activation(name) for name in ACTIVATIONS])


@st.composite
def groups(draw: st.DrawFn, before: int, after: int) -> int:
    return draw(st.sampled_from([g for g in range(1, 7) if before % g == 0 and after % g == 0]))


@st.composite
def conv(draw: st.DrawFn, before: int, after: int) -> Conv:
    return Conv(
        kernel=draw(st.integers(1, 5)),
        dilation=draw(st.integers(1, 4)),
        groups=draw(groups(before, after)),
        causal=draw(st.booleans()),
    )


@st.composite
def edge_conv(draw: st.DrawFn, before: int) -> EdgeConv:
    after = draw(CHANNELS)
    inner = draw(conv(before, after))
    return EdgeConv(after, inner.kernel, inner.dilation, inner.groups, inner.causal)


@st.composite
def residual_unit(draw: st.DrawFn, channels: int) -> ResidualUnit:
    compress = draw(st.integers(1, channels))
    count = draw(st.integers(1, 3))
    widths = [channels, *[channels // compress] * (count - 1), channels]
    convs = tuple(draw(conv(widths[i], widths[i + 1])) for i in range(count))
    return ResidualUnit(convs, compress, draw(st.booleans()))


@st.composite
def residual(draw: st.DrawFn, channels: int) -> tuple[ResidualUnit, ...]:
    return tuple(draw(st.lists(residual_unit(channels), max_size=2)))


@st.composite
def down_conv(draw: st.DrawFn, before: int, stride: int) -> DownConv:
    after, dilation = draw(CHANNELS), draw(st.integers(1, 3))
    shortest = -(-(stride - 1) // dilation) + 1
    return DownConv(
        channels=after,
        kernel=draw(st.integers(shortest, shortest + 4)),
        stride=stride,
        dilation=dilation,
        groups=draw(groups(before, after)),
        causal=draw(st.booleans()),
    )


@st.composite
def up_conv(draw: st.DrawFn, before: int, after: int, stride: int) -> UpConv:
    kernel = stride + draw(st.integers(0, 4))
    return UpConv(
        channels=after,
        kernel=kernel,
        stride=stride,
        groups=draw(groups(before, after)),
        trim_left=draw(st.integers(0, kernel - stride)),
    )


@st.composite
def encoder(draw: st.DrawFn, audio_channels: int, strides: list[int]) -> Encoder:
    first = draw(st.none() | edge_conv(audio_channels))
    width = audio_channels if first is None else first.channels
    blocks = []
    for stride in strides:
        units, down = draw(residual(width)), draw(down_conv(width, stride))
        blocks.append(EncoderBlock(units, down))
        width = down.channels
    return Encoder(
        activation=draw(ACTIVATION),
        input=first,
        blocks=tuple(blocks),
        lstm_layers=draw(st.sampled_from([0, 0, 0, 1, 2])),
        output=draw(st.none() | edge_conv(width)),
    )


@st.composite
def decoder(draw: st.DrawFn, audio_channels: int, latent: int, strides: list[int]) -> Decoder:
    first = draw(st.none() | edge_conv(latent))
    width = latent if first is None else first.channels
    has_output = draw(st.booleans())
    blocks = []
    for i, stride in enumerate(strides):
        last = i == len(strides) - 1 and not has_output
        after = audio_channels if last else draw(CHANNELS)
        up = draw(up_conv(width, after, stride))
        blocks.append(DecoderBlock(up, draw(residual(after))))
        width = after
    return Decoder(
        activation=draw(ACTIVATION),
        input=first,
        lstm_layers=draw(st.sampled_from([0, 0, 0, 1, 2])),
        blocks=tuple(blocks),
        output=draw(conv(width, audio_channels)) if has_output else None,
        final_activation=draw(st.none() | ACTIVATION),
    )


@st.composite
def quantizer(draw: st.DrawFn) -> Quantizer:
    layers = draw(st.integers(1, 4))
    modes = draw(st.sets(st.integers(1, layers)))
    return Quantizer(
        layers=layers,
        codebook_size=draw(st.integers(2, 40)),
        codebook_dim=draw(st.none() | st.integers(1, 6)),
        modes=tuple(sorted(modes)),
    )


@st.composite
def designs(draw: st.DrawFn) -> CodecDesign:
    """Any design that the dataclasses can express, on a small scale."""
    audio_channels = draw(st.integers(1, 2))
    strides = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    sending = draw(encoder(audio_channels, strides))
    latent = sending.output.channels if sending.output else sending.blocks[-1].down.channels
    receiving = draw(decoder(audio_channels, latent, draw(st.permutations(strides))))
    return CodecDesign(
        name="random",
        sample_rate_hz=draw(st.sampled_from([8000, 16000, 22050, 24000, 44100, 48000])),
        audio_channels=audio_channels,
        encoder=sending,
        quantizer=draw(quantizer()),
        decoder=receiving,
    )
