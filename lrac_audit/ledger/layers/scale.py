"""Rows of learned factors."""

from __future__ import annotations

from lrac_audit.design.layers.scale import Scale
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.row import Geometry, Kind, Row


@LAYER_ROWS.add(Scale)
def scale(step: Step) -> Row:
    """Return the row of a product of each value with the factor of its channel."""
    width, runs = step.channels_in, step.runs_per_frame
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="scale",
        geometry=Geometry(width, width),
        runs_per_frame=runs,
        work={Kind.POINTWISE: runs * width},
        stored_values=width,
    )
