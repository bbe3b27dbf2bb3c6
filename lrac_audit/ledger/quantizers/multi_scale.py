"""Cost formulas of multi-scale quantizers: layers that run once for several latent steps.

In a frame of P latent steps, a layer of stride s takes the mean of s steps P / s times, projects
and searches as often, and subtracts its values from all P steps; the receiver adds them to all.

The first layer, whose stride is P, needs the last step of a frame for the values of the first one:
P - 1 steps of look-ahead. The other layers see no step outside the frame.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizers.multi_scale import MultiScaleRvq
from lrac_audit.ledger.quantizers.rows import QUANTIZER_ROWS, SIDES, rvq_layers, switched
from lrac_audit.ledger.row import Geometry, Kind, Row, RvqForm


@QUANTIZER_ROWS.add(MultiScaleRvq)
def multi_scale_quantizer(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Iterator[Row]:
    """Yield the rows of residual layers at rates of their own."""
    quantizer = design.quantizer
    assert isinstance(quantizer, MultiScaleRvq)
    steps, counts = quantizer.frame_steps, quantizer.indices_per_frame
    for side in SIDES:
        by_layer = rvq_layers("quantizer", side, quantizer.each, design.latent_dim, rvq)
        for i, (rows, count) in enumerate(zip(by_layer, counts, strict=True)):
            found = [_repeated(row, steps if row.op == "add" else count) for row in rows]
            if side == "transmit" and quantizer.strides[i] > 1:
                look_ahead_samples = 0 if i else (steps - 1) * design.step_samples
                found.insert(0, _mean(f"quantizer.pools.{i}", design, count, look_ahead_samples))
            yield from switched(found, i < active_layers)


def _repeated(row: Row, runs: int) -> Row:
    """Return ``row``, which runs once, as one that runs ``runs`` times in a frame."""
    work = {kind: runs * count for kind, count in row.work.items()}
    return row._replace(runs_per_frame=runs, work=work)


def _mean(name: str, design: CodecDesign, runs: int, look_ahead_samples: int) -> Row:
    """Return the row of the mean over the steps of each index, a sum and a factor."""
    width, steps = design.latent_dim, design.quantizer.frame_steps
    return Row(
        name=name,
        side="transmit",
        stage="rvq",
        op="pool",
        geometry=Geometry(width, width, kernel=steps // runs, stride=steps // runs),
        runs_per_frame=runs,
        work={Kind.REDUCE: steps * width},
        delay_samples=look_ahead_samples,
    )
