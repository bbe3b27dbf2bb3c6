"""Cost formulas of scalar quantizers: nothing is searched, each value is rounded by itself.

Operations per value, besides one product with the scale of a residual layer after the first:

===========  ======================================================================
FSQ          a shift, a tanh, a scale, a shift back, a rounding; an offset, a product and a sum
             that put the index together. To take a digit out, a division and a remainder; then
             an offset and a scale
lookup-free  a comparison; a shift and a sum of bits. To take a bit out, a shift and a mask; then
             a choice of the sign
===========  ======================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from lrac_audit.design.steps import Side
from lrac_audit.ledger.operations import work_of
from lrac_audit.ledger.quantizers.rows import QUANTIZER_ROWS, add, linear, switched
from lrac_audit.ledger.row import Geometry, Kind, Row, RvqForm


class _PerValue(NamedTuple):
    """Operations of one value."""

    tanh: int
    round: int
    """From a value to its part of the index."""
    rescale: int
    """From the index to a value."""
    left_over: int
    """From a level to its value, for the sender's difference."""


PER_VALUE = {Fsq: _PerValue(1, 7, 4, 1), LookupFree: _PerValue(0, 3, 3, 1)}


@QUANTIZER_ROWS.add(Fsq, LookupFree)
def scalar_quantizer(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Iterator[Row]:
    """Yield the rows of a scalar quantizer, plain or residual, which are the same in both forms.

    The sender has no output projection: what a layer leaves over is a difference of the values
    that are rounded. The last active layer leaves nothing that is used.
    """
    latent, dim, layers = design.latent_dim, design.codebook_dim, design.quantizer.layers
    each = PER_VALUE[type(design.quantizer)]
    if design.has_projections:
        yield linear("quantizer.project_in", "transmit", latent, dim, "projection_in")
    for i in range(layers):
        name, scaled = f"quantizer.layers.{i}", bool(i)
        rounding = _row(f"{name}.round", "transmit", dim, each.round + scaled, each.tanh)
        yield from switched([rounding], i < active_layers)
        if i < layers - 1:
            left_over = _left_over(f"{name}.subtract", dim, each.left_over + scaled)
            yield from switched([left_over], i < active_layers - 1)
    for i in range(layers):
        name, scaled = f"quantizer.layers.{i}", bool(i)
        rows = [_row(f"{name}.rescale", "receive", dim, each.rescale + scaled)]
        if i:
            rows.append(add(f"{name}.add", "receive", dim))
        yield from switched(rows, i < active_layers)
    if design.has_projections:
        yield linear("quantizer.project_out", "receive", dim, latent, "projection_out")


def _left_over(name: str, width: int, per_value: int) -> Row:
    """Return the row of what a layer leaves over: the values of its levels, and a difference."""
    row = add(name, "transmit", width)
    return row._replace(work={**row.work, Kind.POINTWISE: per_value * width})


def _row(name: str, side: Side, width: int, per_value: int, tanh: int = 0) -> Row:
    """Return the row of an operation on each of ``width`` values."""
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op=name.rpartition(".")[2],
        geometry=Geometry(width, width),
        runs_per_frame=1,
        work=work_of(**{"tanh": tanh * width, Kind.POINTWISE: per_value * width}),
    )
