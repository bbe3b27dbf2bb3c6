"""Rows of transforms between samples and spectra.

They are Fourier transforms and pointwise products: no multiply-accumulates. Butterflies and values
are counted, which a convention may price. The sums where frames overlap are not counted beside the
products with the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lrac_audit.design.layer import kind_name
from lrac_audit.design.layers.mdct import Imdct, Mdct
from lrac_audit.design.layers.stft import Istft, Stft
from lrac_audit.design.steps import Step
from lrac_audit.ledger.fourier import butterflies
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Geometry, Kind, Row

_ENERGY = {Kind.POINTWISE: 3, Kind.RESIDUAL_ADD: 1}
"""Work for a bin's energy: two squares, their sum, and a floor under it."""
_FROM_PARTS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "complex": {},
        # The logarithm of a root is half a logarithm.
        "magnitude": _ENERGY | {Kind.SQUARE_ROOT: 1},
        "log_magnitude": _ENERGY | {Kind.POINTWISE: 4, Kind.TRANSCENDENTAL: 1},
        # The fifth clears the signs of zeros, which would decide between phases of pi and -pi.
        "polar": _ENERGY | {Kind.POINTWISE: 5, Kind.TRANSCENDENTAL: 2},
    }
)
"""Work for each bin of what is made of its real and imaginary part."""
_TO_PARTS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "complex": {},
        # An exponential and its ceiling, a cosine and a sine, and the two products of them.
        "polar": {Kind.POINTWISE: 3, Kind.TRANSCENDENTAL: 3},
    }
)
"""Work for each bin to make its real and imaginary part."""


@LAYER_ROWS.add(Stft)
def stft(step: Step) -> Row:
    """Return the row of a short-time Fourier transform, which stores its window."""
    part, spectra = step.part, step.channels_in
    work = _fourier_work(part.window, part.bins, _FROM_PARTS[part.spectrum])
    return _row(step, spectra, work, part.window, stored_values=part.window)


@LAYER_ROWS.add(Istft)
def istft(step: Step) -> Row:
    """Return the row of the inverse, whose window makes up for the overlap."""
    part, spectra = step.part, step.channels_out
    work = _fourier_work(part.window, part.bins, _TO_PARTS[part.spectrum])
    return _row(step, spectra, work, part.window, stored_values=part.window)


@LAYER_ROWS.add(Mdct, Imdct)
def cosines(step: Step) -> Row:
    """Return the row of a cosine transform: one of half as many complex values as coefficients.

    Each complex value is turned by a constant before and after it. Folding adds two values of the
    frame for each that is transformed; unfolding repeats them.
    """
    hop, window = step.part.hop, step.part.window
    work = {Kind.POINTWISE: window + hop, Kind.BUTTERFLY: butterflies(hop // 2, real=False)}
    spectra = step.channels_out
    if isinstance(step.part, Mdct):
        spectra, work[Kind.RESIDUAL_ADD] = step.channels_in, hop
    return _row(step, spectra, work, hop, stored_values=window + hop)


def _fourier_work(window: int, bins: int, each_bin: Mapping[str, int]) -> dict[str, int]:
    """Return the work of one spectrum: the window, the transform, and what each bin takes."""
    work = {kind: bins * count for kind, count in each_bin.items()}
    work[Kind.POINTWISE] = work.get(Kind.POINTWISE, 0) + window
    return work | {Kind.BUTTERFLY: butterflies(window, real=True)}


def _row(
    step: Step, spectra: int, work: Mapping[str, int], own_values: int, stored_values: int
) -> Row:
    """Return the row of ``spectra`` transforms side by side, with the work of one.

    They run one after another, each in ``own_values`` of its own: those of a frame, or half as many
    where the frame is folded.
    """
    part, rate = step.part, step.samples_per_step
    overlap = part.window - part.hop
    row = step_row(
        step,
        kind_name(part),
        {kind: spectra * count for kind, count in work.items()},
        stored_values=stored_values,
        past_samples=(overlap - part.look_ahead) * rate,
        delay_samples=part.look_ahead * rate,
        state_values=overlap * spectra,
        own_values=own_values,
    )
    geometry = Geometry(step.channels_in, step.channels_out, part.window, part.hop)
    return row._replace(geometry=geometry)
