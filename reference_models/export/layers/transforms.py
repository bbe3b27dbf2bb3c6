"""Operations of transforms between samples and spectra."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from lrac_audit.design.layers.mdct import Imdct, Mdct
from lrac_audit.design.layers.stft import Istft, Stft
from lrac_audit.design.steps import Step
from reference_models.export.layers.convolutions import framed
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.transforms import (
    Analyse,
    FromPolar,
    Magnitude,
    OnSpectra,
    Synthesise,
    ToPolar,
    Transform,
)
from reference_models.export.program import State
from reference_models.export.signal import Signal
from reference_models.nn.layers.spectra import ENERGY_FLOOR, MAGNITUDE_CEILING
from reference_models.nn.layers.transforms import Added, Framed

_OF_COMPLEX: Mapping[str, Callable[..., OnSpectra]] = MappingProxyType(
    {
        "polar": ToPolar,
        "magnitude": partial(Magnitude, is_logarithmic=False),
        "log_magnitude": partial(Magnitude, is_logarithmic=True),
    }
)
"""The operation that makes a spectrum of a kind from a complex one."""


@LAYERS.add(Stft)
def stft(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a short-time Fourier transform, and what is made of its complex values."""
    part: Stft = step.part
    if part.spectrum == "complex":
        return _analysed(builder, step, x, "fourier", step.path, step.channels_out)
    width = 2 * part.bins * x.columns
    spectra = _analysed(builder, step, x, "fourier", f"{step.path}.complex", width)
    operation = _OF_COMPLEX[part.spectrum](
        row=step.path,
        reads=(spectra.name,),
        writes=step.path,
        spectra=x.columns,
        floor=ENERGY_FLOOR,
    )
    return builder.write(operation, spectra.of(step.path, step.channels_out))


@LAYERS.add(Istft)
def istft(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower an inverse short-time Fourier transform, behind what makes its spectra complex."""
    if step.part.spectrum == "polar":
        y = x.of(f"{step.path}.complex")
        operation = FromPolar(
            row=step.path,
            reads=(x.name,),
            writes=y.name,
            spectra=step.channels_out,
            ceiling=MAGNITUDE_CEILING,
        )
        x = builder.write(operation, y)
    return _synthesised(builder, step, x, "fourier")


@LAYERS.add(Mdct)
def mdct(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a modified discrete cosine transform."""
    return _analysed(builder, step, x, "cosine", step.path, step.channels_out)


@LAYERS.add(Imdct)
def imdct(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower an inverse modified discrete cosine transform."""
    return _synthesised(builder, step, x, "cosine")


def _analysed(
    builder: Builder, step: Step, x: Signal, transform: Transform, name: str, columns: int
) -> Signal:
    """Return the spectra of ``x`` in the value ``name``."""
    module: Framed = builder.module(step.path)
    frames = framed(builder, step.path, x, module.framing, module.framing.reach)
    y = x.slower(name, columns, module.framing.stride, frames.lag)
    return builder.write(
        Analyse(
            row=step.path,
            reads=(frames.window,),
            writes=y.name,
            constants=_window(builder, step.path, module),
            transform=transform,
            hop=module.framing.stride,
        ),
        y,
    )


def _synthesised(builder: Builder, step: Step, x: Signal, transform: Transform) -> Signal:
    module: Added = builder.module(step.path)
    y = x.faster(step.path, module.channels_out, module.hop, module.trim_left)
    return builder.write(
        Synthesise(
            row=step.path,
            reads=(x.name,),
            writes=y.name,
            keeps=builder.state(step.path, State(module.overlap, module.channels_out)),
            constants=_window(builder, step.path, module),
            transform=transform,
            hop=module.hop,
            valid=x.valid,
        ),
        y,
    )


def _window(builder: Builder, path: str, module: Framed | Added) -> tuple[str, ...]:
    """Enter the window without the signs that the model gives it for folding."""
    return (builder.constant(f"{path}.window", module.window.abs()),)
