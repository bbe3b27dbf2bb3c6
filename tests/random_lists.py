"""Random designs whose coders are lists of layers of every kind, small enough to be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import gcd
from typing import Any

from hypothesis import strategies as st

from lrac_audit.design.layer import LayerList, channels_after
from lrac_audit.design.layers.convnext import ConvNext
from lrac_audit.design.layers.convolution import DepthwiseConv, ListedConv
from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.layers.mdct import LEAST_HOP, Imdct, Mdct
from lrac_audit.design.layers.noise import Noise
from lrac_audit.design.layers.norms import GroupNorm, LayerNorm, RmsNorm
from lrac_audit.design.layers.parallel import Parallel
from lrac_audit.design.layers.recurrent import Gru, Lstm
from lrac_audit.design.layers.residual import Residual
from lrac_audit.design.layers.scale import Scale
from lrac_audit.design.layers.stft import Istft, Stft
from lrac_audit.design.layers.transformer import Transformer
from lrac_audit.design.layers.transposed_convolution import ListedTransposedConv
from lrac_audit.design.layers.upsampling import PixelShuffle, Repeat
from lrac_audit.design.parts import CodecDesign
from tests.random_designs import ACTIVATION, decoder, encoder, groups
from tests.random_quantizers import any_quantizer

WIDTH = st.integers(3, 6)
"""Channels between layers. A norm leaves nothing but signs of fewer than three."""
MAX_INNER = 3
MOST_CHANNELS = 12
"""Values of spectra that the next layer takes; a linear map makes fewer of more."""
Draw = st.DrawFn
Drawn = Callable[[Draw, int], Any]
"""Draws a layer that keeps the rate, given the channels before it."""


def _after(draw: Draw, before: int) -> tuple[int | None, int]:
    """Draw the field ``channels``, which may be left out, and the width that it means."""
    given = draw(st.none() | WIDTH)
    return given, given or before


def _conv(draw: Draw, before: int, stride: int = 1) -> ListedConv:
    channels, after = _after(draw, before)
    dilation = draw(st.integers(1, 3))
    shortest = -(-(stride - 1) // dilation) + 1
    kernel = draw(st.integers(shortest, shortest + 3))
    padding = (kernel - 1) * dilation + 1 - stride
    shared, look_ahead = draw(groups(before, after)), draw(st.integers(0, padding))
    return ListedConv(kernel, channels, stride, dilation, shared, look_ahead, draw(st.booleans()))


def _depthwise(draw: Draw, before: int) -> DepthwiseConv:
    kernel, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    look_ahead = draw(st.integers(0, (kernel - 1) * dilation))
    return DepthwiseConv(kernel, dilation, look_ahead, draw(st.booleans()))


def _linear(draw: Draw, before: int) -> Linear:
    return Linear(draw(st.none() | WIDTH), draw(st.booleans()))


def _residual(draw: Draw, before: int) -> Residual:
    inner = _kept_rate(draw, before, MAX_INNER, [*KEEPING.values()][:-2])
    if channels_after(inner, before) != before:
        inner = (*inner, Linear(before))
    return Residual(inner, draw(st.booleans()))


def _convnext(draw: Draw, before: int) -> ConvNext:
    kernel, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    look_ahead = draw(st.integers(0, (kernel - 1) * dilation))
    expansion = draw(st.integers(1, 3))
    return ConvNext(
        kernel, dilation, look_ahead, expansion, draw(st.booleans()), draw(st.booleans())
    )


def _transformer(draw: Draw, before: int) -> Transformer:
    position = draw(st.sampled_from(["none", "rotary", "learned"]))
    heads = [n for n in range(1, before + 1) if before % n == 0]
    if position == "rotary":
        heads = [n for n in heads if before // n % 2 == 0]
    if not heads:  # an odd width has no pairs of channels to turn
        position, heads = "none", [1]
    return Transformer(
        window=draw(st.integers(1, 5)),
        heads=draw(st.sampled_from(heads)),
        layers=draw(st.integers(1, 2)),
        look_ahead=draw(st.integers(0, 2)),
        position=position,
        feed_forward=draw(st.none() | WIDTH),
        gated=draw(st.booleans()),
        norm=draw(st.sampled_from(["layer", "rms"])) if before > 2 else "rms",
        scale=draw(st.booleans()),
        bias=draw(st.booleans()),
    )


def _parallel(draw: Draw, before: int) -> Parallel:
    flat = [*KEEPING.values()][:-2]
    branches = [_kept_rate(draw, before, 2, flat) for _ in range(draw(st.integers(2, 3)))]
    join = draw(st.sampled_from(["sum", "concat"]))
    if join == "sum":
        width = channels_after(branches[0], before)
        branches = [
            layers if channels_after(layers, before) == width else (*layers, Linear(width))
            for layers in branches
        ]
    return Parallel(tuple(branches), join)


KEEPING: dict[str, Drawn] = {
    "conv": _conv,
    "depthwise_conv": _depthwise,
    "linear": _linear,
    "activation": lambda draw, before: draw(ACTIVATION),
    "layer_norm": lambda draw, before: LayerNorm() if before > 2 else RmsNorm(),
    "rms_norm": lambda draw, before: RmsNorm(),
    "gru": lambda draw, before: Gru(draw(st.none() | WIDTH), draw(st.integers(1, 2))),
    "lstm": lambda draw, before: Lstm(draw(st.none() | WIDTH), draw(st.integers(1, 2))),
    "scale": lambda draw, before: Scale(),
    "noise": lambda draw, before: Noise(),
    "convnext": lambda draw, before: _convnext(draw, before) if before > 2 else Scale(),
    "transformer": _transformer,
    "residual": _residual,
    "parallel": _parallel,
}
"""The kinds of layers that keep the rate; the last two hold others."""


WAITING: dict[str, Drawn] = {
    "group_norm": lambda draw, before: GroupNorm(
        draw(st.sampled_from([n for n in range(1, before + 1) if before % n == 0]))
    ),
}
"""The kinds of layers that wait for the end of the clip, which only ``waiting_designs`` draws."""


def _kept_rate(draw: Draw, before: int, most: int, kinds: list[Drawn]) -> tuple[Any, ...]:
    """Draw one to ``most`` layers that keep the rate."""
    found: list[Any] = []
    for drawn in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=most)):
        found.append(drawn(draw, channels_after(found, before)))
    return tuple(found)


def _some(draw: Draw, before: int, layers: list[Any]) -> None:
    """Add layers that keep the rate, or none, to ``layers``, which began with ``before``."""
    if draw(st.booleans()):
        layers += _kept_rate(draw, channels_after(layers, before), 2, [*KEEPING.values()])


def _stft(draw: Draw, before: int, stride: int) -> Stft:
    window = draw(st.integers(1, 3)) * stride
    look_ahead = draw(st.integers(0, window - stride))
    spectra = ["complex", "polar", "magnitude", "log_magnitude"]
    return Stft(window, stride, look_ahead, draw(st.sampled_from(spectra)))


def is_hop_of_cosines(hop: int) -> bool:
    return hop % 2 == 0 and hop >= LEAST_HOP


LOWERING: dict[str, Callable[[Draw, int, int], Any]] = {
    "conv": _conv,
    "stft": _stft,
    "mdct": lambda draw, before, hop: Mdct(hop, draw(st.integers(0, hop))),
}
"""The kinds of layers that lower the rate, drawn as :data:`RAISING` are."""


def _down(draw: Draw, before: int, stride: int) -> Any:
    fitting = ["conv", "stft", *(["mdct"] if is_hop_of_cosines(stride) else [])]
    return LOWERING[draw(st.sampled_from(fitting))](draw, before, stride)


@st.composite
def listed_encoder(draw: Draw, audio_channels: int, strides: list[int]) -> LayerList:
    layers: list[Any] = []
    for stride in strides:
        _some(draw, audio_channels, layers)
        layers.append(_down(draw, channels_after(layers, audio_channels), stride))
        if channels_after(layers, audio_channels) > MOST_CHANNELS:
            layers.append(Linear(draw(WIDTH)))
    _some(draw, audio_channels, layers)
    return LayerList(tuple(layers))


def _transposed(draw: Draw, before: int, stride: int) -> ListedTransposedConv:
    channels, after = _after(draw, before)
    surplus = draw(st.integers(0, 3))
    shared, trim_left = draw(groups(before, after)), draw(st.integers(0, surplus))
    kernel = stride + surplus
    return ListedTransposedConv(kernel, stride, channels, shared, trim_left, draw(st.booleans()))


def _istft(draw: Draw, hop: int) -> Istft:
    window = draw(st.integers(1, 3)) * hop
    look_ahead = draw(st.integers(0, window - hop))
    return Istft(window, hop, look_ahead, draw(st.sampled_from(["complex", "polar"])))


RAISING: dict[str, Callable[[Draw, int, int], Any]] = {
    "transposed_conv": _transposed,
    "istft": lambda draw, before, hop: _istft(draw, hop),
    "imdct": lambda draw, before, hop: Imdct(hop, draw(st.integers(0, hop))),
    "repeat": lambda draw, before, factor: Repeat(factor),
    "pixel_shuffle": lambda draw, before, factor: PixelShuffle(factor),
}
"""The kinds of layers that raise the rate, each drawn for the channels before it and a factor."""


def _up(draw: Draw, before: int, stride: int) -> list[Any]:
    """Draw a layer that raises the rate, behind the linear map that a spectrum takes."""
    fitting = set(RAISING)
    if stride == 1:  # these may have it
        fitting = {"transposed_conv", "istft"}
    elif before % stride:
        fitting.remove("pixel_shuffle")
    if not is_hop_of_cosines(stride):
        fitting.discard("imdct")
    layer = RAISING[draw(st.sampled_from(sorted(fitting)))](draw, before, stride)
    values = {Istft: 2 * (getattr(layer, "window", 0) // 2 + 1), Imdct: stride}.get(type(layer))
    return [layer] if values is None else [Linear(draw(st.integers(1, 2)) * values), layer]


def _is_concatenation(layer: Any) -> bool:
    return isinstance(layer, Parallel) and layer.join == "concat"


@st.composite
def listed_decoder(draw: Draw, audio_channels: int, latent: int, strides: list[int]) -> LayerList:
    layers: list[Any] = []
    for stride in strides:
        _some(draw, latent, layers)
        up = _up(draw, channels_after(layers, latent), stride)
        if isinstance(up[-1], PixelShuffle) and any(map(_is_concatenation, layers)):
            # Otherwise some of its steps may come from a branch that waits for less, which the
            # closed form, whose layers mix their channels, does not see.
            layers.append(Linear())
        layers += up
    width = channels_after(layers, latent)
    shared = draw(st.sampled_from([1, gcd(width, audio_channels)]))
    layers.append(ListedConv(draw(st.integers(1, 4)), audio_channels, groups=shared))
    return LayerList(tuple(layers))


@st.composite
def list_designs(draw: Draw) -> CodecDesign:
    """A design with a list on at least one side, and a list or the recipe's blocks on the other.

    Its quantizer is of any kind.
    """
    audio_channels = draw(st.integers(1, 2))
    strides = draw(st.lists(st.integers(1, 4), min_size=1, max_size=2))
    lists = draw(st.sampled_from([("encoder",), ("decoder",), ("encoder", "decoder")]))
    encoders, decoders = (
        listed_encoder if "encoder" in lists else encoder,
        listed_decoder if "decoder" in lists else decoder,
    )
    sending: Any = draw(encoders(audio_channels, strides))
    latent = sending.channels_after(audio_channels)
    receiving: Any = draw(decoders(audio_channels, latent, draw(st.permutations(strides))))
    return CodecDesign(
        name="random lists",
        sample_rate_hz=draw(st.sampled_from([8000, 16000, 24000, 44100])),
        audio_channels=audio_channels,
        encoder=sending,
        quantizer=draw(any_quantizer(latent)),
        decoder=receiving,
    )


@st.composite
def waiting_designs(draw: Draw) -> CodecDesign:
    """One of these designs with a layer in front of it that waits for the end of the clip.

    It may also stand in a residual layer, or in one of two branches.
    """
    design = draw(list_designs())
    side = draw(st.sampled_from(["encoder", "decoder"]))
    coder, before = getattr(design, side), design.latent_dim
    if side == "encoder":
        before = design.audio_channels
    waiting = WAITING[draw(st.sampled_from(sorted(WAITING)))](draw, before)
    around = draw(st.sampled_from([None, Residual, Parallel]))
    if around is Residual:
        waiting = Residual((_depthwise(draw, before), waiting))
    elif around is Parallel:
        waiting = Parallel(((_depthwise(draw, before),), (waiting,)))
    if not isinstance(coder, LayerList):
        return draw(waiting_designs())
    return replace(design, **{side: LayerList((waiting, *coder.layers))})
