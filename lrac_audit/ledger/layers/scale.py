"""Rows of learned factors."""

from __future__ import annotations

from lrac_audit.design.layers.scale import Scale
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Kind, Row


@LAYER_ROWS.add(Scale)
def scale(step: Step) -> Row:
    """Return the row of a product of each value with the factor of its channel."""
    width = step.channels_in
    work = {Kind.POINTWISE: width}
    return step_row(step, "scale", work, stored_values=width, in_place=True)
