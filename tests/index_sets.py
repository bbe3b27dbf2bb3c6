"""Brute force for delays: the input samples that each step of a coder sees, layer by layer.

A signal is a list of steps, and a step the first and the last input sample that it depends on; None
where it depends on none, as padding does. Each kind of layer says which steps of its input a step
of its output takes, straight from the definition of its sum, with no thought of delays or rates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from lrac_audit.design.layer import LayerList, kind_name
from lrac_audit.design.parts import Decoder, Encoder, ResidualUnit

Seen = tuple[int, int] | None
Signal = list[Seen]


def samples(count: int) -> Signal:
    """Return the input itself: each sample sees itself."""
    return [(i, i) for i in range(count)]


def together(steps: Iterable[Seen]) -> Seen:
    """Return what a function of ``steps`` sees."""
    found = [step for step in steps if step is not None]
    return (min(a for a, _ in found), max(b for _, b in found)) if found else None


def beside(*signals: Signal) -> Signal:
    """Return what sums or concatenations of ``signals`` see, step by step."""
    return [together(steps) for steps in zip(*signals, strict=True)]


def conv(x: Signal, kernel: int, dilation: int, stride: int, right: int) -> Signal:
    """Return a convolution whose padding has ``right`` steps on the right."""
    left = (kernel - 1) * dilation + 1 - stride - right
    outputs = range(-(-len(x) // stride))
    taps = [[n * stride - left + k * dilation for k in range(kernel)] for n in outputs]
    return [together(x[i] for i in of_one if 0 <= i < len(x)) for of_one in taps]


def transposed_conv(x: Signal, kernel: int, stride: int, trim_left: int) -> Signal:
    """Return a transposed convolution: input n adds to the outputs from ``n stride`` on."""
    full: list[list[Seen]] = [[] for _ in range((len(x) - 1) * stride + kernel)]
    for n, step in enumerate(x):
        for k in range(kernel):
            full[n * stride + k].append(step)
    return [together(steps) for steps in full][trim_left : trim_left + len(x) * stride]


def recurrent(x: Signal) -> Signal:
    """Return a recurrence, which sees all steps up to its own."""
    return list(accumulate(x, lambda before, now: together((before, now))))


def attention(x: Signal, window: int, ahead: int) -> Signal:
    """Return attention to a window that ends with the own step, and to those ``ahead`` of it."""
    return [together(x[max(n - window + 1, 0) : n + ahead + 1]) for n in range(len(x))]


def repeated(x: Signal, factor: int) -> Signal:
    """Return each step ``factor`` times."""
    return [step for step in x for _ in range(factor)]


def _transformer(x: Signal, layer: Any) -> Signal:
    for _ in range(layer.layers):
        x = beside(x, attention(x, layer.window, layer.look_ahead))
    return x


def _residual(x: Signal, layer: Any) -> Signal:
    return beside(x, listed(x, layer.layers))


def _parallel(x: Signal, layer: Any) -> Signal:
    return beside(*(listed(x, branch) for branch in layer.branches))


def _convnext(x: Signal, layer: Any) -> Signal:
    return beside(x, conv(x, layer.kernel, layer.dilation, 1, layer.look_ahead))


def _pointwise(x: Signal, layer: Any) -> Signal:
    return x


MODELS: dict[str, Callable[[Signal, Any], Signal]] = {
    "conv": lambda x, of: conv(x, of.kernel, of.dilation, of.stride, of.look_ahead),
    "depthwise_conv": lambda x, of: conv(x, of.kernel, of.dilation, 1, of.look_ahead),
    "transposed_conv": lambda x, of: transposed_conv(x, of.kernel, of.stride, of.trim_left),
    "linear": _pointwise,
    "activation": _pointwise,
    "layer_norm": _pointwise,
    "rms_norm": _pointwise,
    "scale": _pointwise,
    "noise": _pointwise,
    "group_norm": lambda x, of: [together(x)] * len(x),
    "stft": lambda x, of: conv(x, of.window, 1, of.hop, of.look_ahead),
    "istft": lambda x, of: transposed_conv(x, of.window, of.hop, of.look_ahead),
    "mdct": lambda x, of: conv(x, 2 * of.hop, 1, of.hop, of.look_ahead),
    "imdct": lambda x, of: transposed_conv(x, 2 * of.hop, of.hop, of.look_ahead),
    "gru": lambda x, of: recurrent(x),
    "lstm": lambda x, of: recurrent(x),
    "residual": _residual,
    "parallel": _parallel,
    "convnext": _convnext,
    "transformer": _transformer,
    "repeat": lambda x, of: repeated(x, of.factor),
    "pixel_shuffle": lambda x, of: repeated(x, of.factor),
}
"""What each kind of layer of a list sees."""


def framed(x: Signal, steps: int) -> Signal:
    """Return latent steps of which ``steps`` at a time are quantized together."""
    frames = [x[i : i + steps] for i in range(0, len(x), steps)]
    return [together(frame) for frame in frames for _ in frame]


def listed(x: Signal, layers: Sequence[Any]) -> Signal:
    """Return the signal behind ``layers``."""
    for layer in layers:
        x = MODELS[kind_name(layer)](x, layer)
    return x


def encoded(x: Signal, encoder: Encoder | LayerList) -> Signal:
    """Return the latent steps of the audio ``x``."""
    if isinstance(encoder, LayerList):
        return listed(x, encoder.layers)
    x = _edge(x, encoder.input)
    for block in encoder.blocks:
        x = _units(x, block.residual)
        down = block.down
        x = conv(x, down.kernel, down.dilation, down.stride, _right(down, down.stride))
    x = recurrent(x) if encoder.lstm_layers else x
    return _edge(x, encoder.output)


def decoded(x: Signal, decoder: Decoder | LayerList) -> Signal:
    """Return the audio of the latent steps ``x``."""
    if isinstance(decoder, LayerList):
        return listed(x, decoder.layers)
    x = _edge(x, decoder.input)
    x = recurrent(x) if decoder.lstm_layers else x
    for block in decoder.blocks:
        x = transposed_conv(x, block.up.kernel, block.up.stride, block.up.trim_left)
        x = _units(x, block.residual)
    return _edge(x, decoder.output)


def _edge(x: Signal, part: Any) -> Signal:
    return x if part is None else conv(x, part.kernel, part.dilation, 1, _right(part, 1))


def _units(x: Signal, units: Sequence[ResidualUnit]) -> Signal:
    for unit in units:
        inner = x
        for part in unit.convs:
            inner = _edge(inner, part)
        x = beside(x, inner)
    return x


def _right(part: Any, stride: int) -> int:
    """Return the padding on the right: none, or the smaller half."""
    return 0 if part.causal else ((part.kernel - 1) * part.dilation + 1 - stride) // 2
