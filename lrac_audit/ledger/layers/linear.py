"""Rows of linear maps of each step."""

from __future__ import annotations

from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, work_of
from lrac_audit.ledger.row import Geometry, Kind, Row


@LAYER_ROWS.add(Linear)
def linear(step: Step) -> Row:
    """Return the row of a linear map: ``C_in * C_out`` products a step."""
    before, after, runs = step.channels_in, step.channels_out, step.runs_per_frame
    macs, biases = before * after, step.part.bias * after
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="linear",
        geometry=Geometry(before, after),
        runs_per_frame=runs,
        work=work_of(**{Kind.LINEAR: runs * macs, Kind.BIAS: runs * biases}),
        stored_values=macs + biases,
    )
