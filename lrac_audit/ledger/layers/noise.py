"""Rows of noise that is added at a learned level."""

from __future__ import annotations

from lrac_audit.design.layers.noise import Noise
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Kind, Row


@LAYER_ROWS.add(Noise)
def noise(step: Step) -> Row:
    """Return the row of a linear map without bias, and of its product with the noise and the sum.

    Drawing the random value of a step has no price. The state is the place in the sequence.
    """
    width = step.channels_in
    work = {Kind.LINEAR: width * width, Kind.POINTWISE: 2 * width}
    return step_row(step, "noise", work, stored_values=width * width, state_values=1)
