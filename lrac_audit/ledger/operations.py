"""Cost formulas of the layers: one pure function per kind, from a step to its row.

Counting is for the steady state of a stream. A new kind of layer is one function here or
elsewhere, entered into :data:`LAYER_ROWS`.

Formulas: a convolution does ``C_in / groups * C_out * kernel`` multiply-accumulates per output
step, a transposed one as many per input step (both from the definition of the sum). An LSTM layer
of width C does ``4 C (C + C)`` per step (Hochreiter and Schmidhuber 1997, four gates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import Activation, Conv, DownConv, EdgeConv, UpConv
from lrac_audit.design.steps import LstmLayer, SkipConv, Step, Sum
from lrac_audit.ledger.row import Geometry, Kind, Row

LAYER_ROWS: KindRegistry[Callable[[Step], Row]] = KindRegistry("cost formula")
"""The row of each kind of layer."""


@LAYER_ROWS.add(Conv, EdgeConv, SkipConv, DownConv)
def conv(step: Step) -> Row:
    """Return the row of a convolution, whose context is counted at the rate of its input."""
    layer = step.part
    stride = layer.stride if isinstance(layer, DownConv) else 1
    geometry = Geometry(
        step.channels_in, step.channels_out, layer.kernel, stride, layer.dilation, layer.groups
    )
    return conv_row(step, geometry, layer.look_ahead_steps)


def conv_row(step: Step, geometry: Geometry, look_ahead_steps: int, bias: bool = True) -> Row:
    """Return the row of a convolution of that geometry with or without bias."""
    channels_in, channels_out, kernel, stride, dilation, groups = geometry
    state_steps = (kernel - 1) * dilation + 1 - stride
    macs, biases = channels_in // groups * channels_out * kernel, bias * channels_out
    runs = step.runs_per_frame
    work: dict[str, int] = {Kind.CONV: runs * macs}
    if bias:
        work[Kind.BIAS] = runs * biases
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="conv",
        geometry=geometry,
        runs_per_frame=runs,
        work=work,
        stored_values=macs + biases,
        past_samples=(state_steps - look_ahead_steps) * step.samples_per_step,
        delay_samples=look_ahead_steps * step.samples_per_step,
        state_values=state_steps * channels_in,
    )


def step_row(step: Step, op: str, work: Mapping[str, int], **figures: Any) -> Row:
    """Return the row of a layer that does ``work`` at each step; ``figures`` are further fields."""
    runs = step.runs_per_frame
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op=op,
        geometry=Geometry(step.channels_in, step.channels_out),
        runs_per_frame=runs,
        work={kind: runs * count for kind, count in work.items() if count},
        **figures,
    )


def work_of(**work: int) -> dict[str, int]:
    """Return the kinds of work that a layer does at all."""
    return {kind: count for kind, count in work.items() if count}


@LAYER_ROWS.add(UpConv)
def transposed_conv(step: Step) -> Row:
    """Return the row of a transposed convolution with bias."""
    return transposed_conv_row(step, bias=True)


def transposed_conv_row(step: Step, bias: bool) -> Row:
    """Return the row of a transposed convolution, whose context is counted at its output rate."""
    layer, channels_in, channels, runs = (
        step.part,
        step.channels_in,
        step.channels_out,
        step.runs_per_frame,
    )
    macs, biases = channels_in // layer.groups * channels * layer.kernel, bias * channels
    work = {Kind.TRANSPOSED_CONV: runs * macs, Kind.BIAS: runs * layer.stride * biases}
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="transposed_conv",
        geometry=Geometry(channels_in, channels, layer.kernel, layer.stride, groups=layer.groups),
        runs_per_frame=runs,
        work=work_of(**work),
        stored_values=macs + biases,
        past_samples=layer.trim_right * step.samples_per_step,
        delay_samples=layer.trim_left * step.samples_per_step,
        state_values=(layer.kernel - layer.stride) * channels,
    )


@LAYER_ROWS.add(LstmLayer)
def lstm(step: Step) -> Row:
    """Return the row of one unidirectional LSTM layer, with two bias vectors."""
    width, runs = step.channels_in, step.runs_per_frame
    macs, biases = 4 * width * (width + width), 2 * 4 * width
    work = {
        Kind.LINEAR: runs * macs,
        Kind.BIAS: runs * biases,
        "sigmoid": runs * 3 * width,
        "tanh": runs * 2 * width,
        Kind.GATE_ARITHMETIC: runs * 4 * width,
    }
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="lstm",
        geometry=Geometry(width, width),
        runs_per_frame=runs,
        work=work,
        stored_values=macs + biases,
        past_samples=None,
        state_values=2 * width,
    )


@LAYER_ROWS.add(Activation)
def activation(step: Step) -> Row:
    """Return the row of a pointwise non-linearity."""
    name, width = step.part.name, step.channels_in
    kind = ACTIVATIONS[name]
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op=name,
        geometry=Geometry(width, width),
        runs_per_frame=step.runs_per_frame,
        work={name: step.runs_per_frame * width},
        stored_values=kind.learned_per_channel * width + kind.learned_shared,
        in_place=True,
    )


@LAYER_ROWS.add(Sum)
def add(step: Step) -> Row:
    """Return the row of a sum of two paths, the shorter of which is held back for the other."""
    width, runs, held = step.channels_in, step.runs_per_frame, step.part.look_ahead_steps
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="add",
        geometry=Geometry(width, width),
        runs_per_frame=runs,
        work={Kind.RESIDUAL_ADD: runs * width},
        held_values=None if held is None else held * width,
        in_place=True,
    )
