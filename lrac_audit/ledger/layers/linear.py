"""Rows of linear maps of each step."""

from __future__ import annotations

from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Kind, Row


@LAYER_ROWS.add(Linear)
def linear(step: Step) -> Row:
    """Return the row of a linear map: ``C_in * C_out`` products a step."""
    macs, biases = step.channels_in * step.channels_out, step.part.bias * step.channels_out
    work = {Kind.LINEAR: macs, Kind.BIAS: biases}
    return step_row(step, "linear", work, stored_values=macs + biases)
