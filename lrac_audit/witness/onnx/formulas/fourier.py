"""Cost formulas for Fourier transforms."""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.fourier import butterflies
from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.onnx.formulas.node_formulas import NodeCall, NodeWork, counts
from lrac_audit.witness.onnx.fourier_axis import fourier_axis


@counts("DFT")
def transform(call: NodeCall) -> NodeWork:
    """Count butterflies along one axis, half of them where input or output is real."""
    data = call.shape(0)
    value = call.arrays[2] if call.has(2) else None
    axis = fourier_axis(call.has(2), value, call.attributes, len(data))
    size, runs = _size(call, axis), prod(data[:-1]) // max(data[axis], 1)
    is_real = 1 in (data[-1], call.out[-1])
    work = {Kind.BUTTERFLY: runs * butterflies(size, is_real)}
    return NodeWork("fft", work, Geometry(size, size), runs)


def _size(call: NodeCall, axis: int) -> int:
    """Return the number of values that are transformed; a spectrum may have half as many."""
    if call.attributes.get("inverse", 0):
        return call.out[axis]
    if not call.has(1):
        return call.shape(0)[axis]
    if call.arrays[1] is None:
        raise ValueError("the length is not known")
    return int(call.arrays[1].flat[0])
