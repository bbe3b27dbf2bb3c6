"""Cost formulas for Fourier transforms."""

from __future__ import annotations

from lrac_audit.ledger.fourier import butterflies
from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.formulas.formula_table import Shape, ShapedCall, Work, counts


def _fourier(shape: Shape, spectrum: Shape, axes: list[int], real: bool) -> Work:
    """Count the transforms along ``axes``.

    With ``real``, the last axis is transformed on ``shape`` and the others on its spectrum. A real
    transform gives half a spectrum, so that there are fewer of the others.
    """
    work = 0
    for axis in axes:
        is_real = real and axis == axes[-1]
        side = shape if is_real else spectrum
        work += side.values // max(side[axis], 1) * butterflies(side[axis], is_real)
    size = shape[axes[-1]]
    return Work("fft", {Kind.BUTTERFLY: work}, Geometry(size, size), shape.values // max(size, 1))


@counts("_fft_r2c")
def real_to_complex(call: ShapedCall) -> Work:
    """Arguments: input, axes, normalisation, one-sided."""
    return _fourier(call.shape(0), call.out[0], call.args[1], real=True)


@counts("_fft_c2r")
def complex_to_real(call: ShapedCall) -> Work:
    """Arguments: input, axes, normalisation, size of the result's last axis."""
    return _fourier(call.out[0], call.shape(0), call.args[1], real=True)


@counts("_fft_c2c")
def complex_to_complex(call: ShapedCall) -> Work:
    """Arguments: input, axes, normalisation, direction."""
    return _fourier(call.shape(0), call.out[0], call.args[1], real=False)
