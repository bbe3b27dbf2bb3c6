"""One pure function per kind of layer: from its geometry to its row.

Counting is for the steady state of a stream. ``samples_per_step`` is the number of audio samples
between two steps at the rate where the layer's context is counted.

Formulas: a convolution does ``C_in / groups * C_out * kernel`` multiply-accumulates per output
step, a transposed one as many per input step (both from the definition of the sum). An LSTM layer
of width C does ``4 C (C + C)`` per step (Hochreiter and Schmidhuber 1997, four gates). A codebook
search does ``K d`` for the inner products of ``|e|^2 - 2 x.e``, whose ``|e|^2`` are constants.
"""

from __future__ import annotations

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.parts import Activation, Conv, DownConv, EdgeConv, UpConv
from lrac_audit.ledger.row import Geometry, Kind, Row, Side, Stage, Storage


def conv(
    name: str,
    side: Side,
    stage: Stage,
    layer: Conv | EdgeConv | DownConv,
    channels: tuple[int, int],
    hop_samples: int,
    samples_per_step: int,
) -> Row:
    """A convolution from ``channels[0]`` to ``channels[1]``, its input at ``samples_per_step``."""
    channels_in, channels_out = channels
    stride = layer.stride if isinstance(layer, DownConv) else 1
    right = look_ahead_steps(layer)
    state_steps = (layer.kernel - 1) * layer.dilation + 1 - stride
    runs = hop_samples // (samples_per_step * stride)
    macs = channels_in // layer.groups * channels_out * layer.kernel
    return Row(
        name=name,
        side=side,
        stage=stage,
        op="conv",
        geometry=Geometry(
            channels_in, channels_out, layer.kernel, stride, layer.dilation, layer.groups
        ),
        runs_per_frame=runs,
        work={Kind.CONV: runs * macs, Kind.BIAS: runs * channels_out},
        stored_values=macs + channels_out,
        past_samples=(state_steps - right) * samples_per_step,
        delay_samples=right * samples_per_step,
        state_values=state_steps * channels_in,
    )


def look_ahead_steps(layer: Conv | EdgeConv | DownConv) -> int:
    """Input steps after its own that a convolution waits for: its padding on the right."""
    stride = layer.stride if isinstance(layer, DownConv) else 1
    return 0 if layer.causal else ((layer.kernel - 1) * layer.dilation + 1 - stride) // 2


def transposed_conv(
    name: str, layer: UpConv, channels_in: int, hop_samples: int, samples_per_step: int
) -> Row:
    """A transposed convolution of the decoder, its output at ``samples_per_step``."""
    runs = hop_samples // (samples_per_step * layer.stride)
    macs = channels_in // layer.groups * layer.channels * layer.kernel
    work = {
        Kind.TRANSPOSED_CONV: runs * macs,
        Kind.BIAS: runs * layer.stride * layer.channels,
    }
    return Row(
        name=name,
        side="receive",
        stage="decoder",
        op="transposed_conv",
        geometry=Geometry(
            channels_in, layer.channels, layer.kernel, layer.stride, groups=layer.groups
        ),
        runs_per_frame=runs,
        work=work,
        stored_values=macs + layer.channels,
        past_samples=layer.trim_right * samples_per_step,
        delay_samples=layer.trim_left * samples_per_step,
        state_values=(layer.kernel - layer.stride) * layer.channels,
    )


def lstm(name: str, side: Side, stage: Stage, width: int, runs: int) -> Row:
    """One unidirectional LSTM layer from ``width`` to ``width`` channels, with two bias vectors."""
    macs, biases = 4 * width * (width + width), 2 * 4 * width
    work = {
        Kind.LINEAR: runs * macs,
        Kind.BIAS: runs * biases,
        "sigmoid": runs * 3 * width,
        "tanh": runs * 2 * width,
        Kind.GATE_ARITHMETIC: runs * 4 * width,
    }
    return Row(
        name=name,
        side=side,
        stage=stage,
        op="lstm",
        geometry=Geometry(width, width),
        runs_per_frame=runs,
        work=work,
        stored_values=macs + biases,
        past_samples=None,
        state_values=2 * width,
    )


def activation(
    name: str, side: Side, stage: Stage, layer: Activation, width: int, runs: int
) -> Row:
    """A pointwise non-linearity on ``width`` channels."""
    kind = ACTIVATIONS[layer.name]
    return Row(
        name=name,
        side=side,
        stage=stage,
        op=layer.name,
        geometry=Geometry(width, width),
        runs_per_frame=runs,
        work={layer.name: runs * width},
        stored_values=kind.learned_per_channel * width + kind.learned_shared,
    )


def add(name: str, side: Side, stage: Stage, width: int, runs: int, look_ahead: int = 0) -> Row:
    """A sum of two paths; the shorter one is held back for the branch's ``look_ahead`` steps."""
    return Row(
        name=name,
        side=side,
        stage=stage,
        op="add",
        geometry=Geometry(width, width),
        runs_per_frame=runs,
        work={Kind.RESIDUAL_ADD: runs * width},
        held_values=look_ahead * width,
    )


def linear(
    name: str, side: Side, channels_in: int, channels_out: int, runs: int, storage: Storage
) -> Row:
    """A projection of the quantizer, with bias."""
    macs = channels_in * channels_out
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op="linear",
        geometry=Geometry(channels_in, channels_out),
        runs_per_frame=runs,
        work={Kind.LINEAR: runs * macs, Kind.BIAS: runs * channels_out},
        stored_values=macs + channels_out,
        storage=storage,
    )


def search(name: str, codebook_size: int, codebook_dim: int, runs: int) -> Row:
    """The nearest-codeword search: one inner product, one sum, one comparison per codeword."""
    work = {
        Kind.CODEBOOK_SEARCH: runs * codebook_size * codebook_dim,
        Kind.SEARCH_NORM: runs * codebook_size,
        Kind.SEARCH_COMPARE: runs * codebook_size,
    }
    return Row(
        name=name,
        side="transmit",
        stage="rvq",
        op="search",
        geometry=Geometry(codebook_dim, codebook_size),
        runs_per_frame=runs,
        work=work,
        stored_values=codebook_size * codebook_dim,
        storage="codebook",
    )


def lookup(
    name: str, side: Side, width: int, runs: int, stored_values: int, storage: Storage
) -> Row:
    """Reading one row of a codebook or table."""
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op="lookup",
        geometry=Geometry(1, width),
        runs_per_frame=runs,
        work={Kind.LOOKUP: runs},
        stored_values=stored_values,
        storage=storage,
    )
