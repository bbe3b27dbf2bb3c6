"""Cost formulas of finite scalar quantization: nothing is searched, each value is rounded.

A row of ``d`` values does per value, on the transmit side: a shift, a tanh, a scale, a shift back
and a rounding; then the digit's offset, and a product and a sum to put the index together. On the
receive side: a division and a remainder that take the digit out, its offset and its scale.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.steps import Side
from lrac_audit.ledger.quantizers import QUANTIZER_ROWS, add, linear, switched
from lrac_audit.ledger.row import Geometry, Kind, Row, RvqForm

ROUND_POINTWISE, RESCALE_POINTWISE = 7, 4
"""Operations per value on the transmit side besides the tanh, and on the receive side."""


@QUANTIZER_ROWS.add(Fsq)
def finite_scalar_quantizer(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Iterator[Row]:
    """Yield the rows of FSQ and residual FSQ, which are the same in both forms.

    The sender has no output projection: what a layer leaves over is a difference of the values
    that are rounded. The last active layer leaves nothing that is used.
    """
    latent, dim, layers = design.latent_dim, design.codebook_dim, design.quantizer.layers
    if design.has_projections:
        yield linear("quantizer.project_in", "transmit", latent, dim, "projection_in")
    for i in range(layers):
        name, is_active = f"quantizer.layers.{i}", i < active_layers
        yield from switched([pointwise(f"{name}.round", "transmit", dim, i)], is_active)
        if i < layers - 1:
            yield from switched([_left_over(f"{name}.subtract", dim, i)], i < active_layers - 1)
    for i in range(layers):
        name, is_active = f"quantizer.layers.{i}", i < active_layers
        yield from switched([pointwise(f"{name}.rescale", "receive", dim, i)], is_active)
        if i:
            yield from switched([add(f"{name}.add", "receive", dim)], is_active)
    if design.has_projections:
        yield linear("quantizer.project_out", "receive", dim, latent, "projection_out")


def _left_over(name: str, width: int, layer: int) -> Row:
    """Return the row of what a layer leaves over: the values of its levels, and a difference."""
    row = add(name, "transmit", width)
    return row._replace(work={**row.work, Kind.POINTWISE: (1 + bool(layer)) * width})


def pointwise(name: str, side: Side, width: int, layer: int) -> Row:
    """Return the row of rounding to indices or of the values of indices, in a residual ``layer``.

    Layers after the first work on a finer scale, which is one more product.
    """
    is_round = side == "transmit"
    each = (ROUND_POINTWISE if is_round else RESCALE_POINTWISE) + bool(layer)
    work = {Kind.POINTWISE: each * width}
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op="round" if is_round else "rescale",
        geometry=Geometry(width, width),
        runs_per_frame=1,
        work={"tanh": width, **work} if is_round else work,
    )
