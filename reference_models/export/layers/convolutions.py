"""Operations of convolutions and transposed convolutions, those of lists too."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.design import parts
from lrac_audit.design.layers.convolution import DepthwiseConv, ListedConv
from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.layers.transposed_convolution import ListedTransposedConv
from lrac_audit.design.steps import SkipConv, Step
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.convolutions import Convolve, ConvolveTransposed
from reference_models.export.operations.rows import Join
from reference_models.export.program import State
from reference_models.export.signal import Signal
from reference_models.nn.conv import StreamingConv1d, StreamingConvTranspose1d
from reference_models.nn.framing import Framing

PARAMETERS = ("weight", "bias")


@LAYERS.add(parts.Conv, parts.EdgeConv, SkipConv, parts.DownConv, ListedConv, DepthwiseConv)
def convolution(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a convolution: its window, then the product."""
    module: StreamingConv1d = builder.module(step.path)
    frames = framed(builder, step.path, x, module.framing, module.kernel_size[0])
    y = x.slower(step.path, module.out_channels, module.framing.stride, frames.lag)
    builder.run(
        Convolve(
            row=step.path,
            reads=(frames.window,),
            writes=builder.value(y.name, y.rows, y.columns),
            constants=builder.parameters(step.path, module, PARAMETERS),
            kernel=module.kernel_size[0],
            stride=module.framing.stride,
            dilation=module.dilation[0],
            groups=module.groups,
            first=frames.first,
        )
    )
    return y


class Frames(NamedTuple):
    """Windows that move over the rows of a value."""

    window: str
    """The value."""
    first: int
    """Its row with which the first window begins."""
    lag: int
    """Steps that the results come late."""


def framed(builder: Builder, path: str, x: Signal, framing: Framing, taps: int) -> Frames:
    """Return the windows of a layer over ``x``, each of which is read at so many rows."""
    reach, stride, look_ahead = framing
    lag = -(-(x.lag + look_ahead) // stride)
    waiting = lag * stride - x.lag - look_ahead
    past = reach - stride + waiting
    straddles = stride > 1 and taps > 1  # the last window may reach beyond the end
    window = x.name
    if past > 0 or straddles:
        window = joined(builder, path, x, max(past, 0), waiting)
    return Frames(window, max(-past, 0), lag)


def joined(builder: Builder, path: str, x: Signal, past: int, waiting: int = 0) -> str:
    """Return the value of ``x`` behind the ``past`` steps before it, of which some are waiting.

    Steps outside the clip are zeros in it.
    """
    window = builder.value(f"{path}.window", past + x.rows, x.columns)
    keeps = builder.state(path, State(past, x.columns, waiting_rows=waiting))
    builder.run(Join(row=path, reads=(x.name,), writes=window, keeps=keeps, valid=x.valid))
    return window


@LAYERS.add(Linear)
def linear(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a linear map of each step."""
    module = builder.module(step.path)
    return mapped(builder, step.path, builder.parameters(step.path, module, PARAMETERS), x)


def mapped(
    builder: Builder, path: str, constants: tuple[str, ...], x: Signal, name: str | None = None
) -> Signal:
    """Return ``x`` through a linear map ``[C_out, C_in]`` of the row ``path``.

    Its value has that name too, unless there is another ``name``.
    """
    weight = constants[0]
    matrix = builder.constants[weight]
    builder.constants[weight] = matrix[:, :, None]
    y = x.of(path if name is None else name, matrix.shape[0])
    product = Convolve(row=path, reads=(x.name,), writes=y.name, constants=constants)
    return builder.write(product, y)


@LAYERS.add(parts.UpConv, ListedTransposedConv)
def transposed(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a transposed convolution."""
    module: StreamingConvTranspose1d = builder.module(step.path)
    stride = module.stride[0]
    y = x.faster(step.path, module.out_channels, stride, module.trim_left)
    builder.run(
        ConvolveTransposed(
            row=step.path,
            reads=(x.name,),
            writes=builder.value(y.name, y.rows, y.columns),
            keeps=builder.state(step.path, State(module.overlap, module.out_channels)),
            constants=builder.parameters(step.path, module, PARAMETERS),
            kernel=module.kernel_size[0],
            stride=stride,
            groups=module.groups,
            valid=x.valid,
        )
    )
    return y
