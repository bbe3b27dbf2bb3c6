"""Rows of norms over the channels of one step, or over the whole clip."""

from __future__ import annotations

from lrac_audit.design.layers.norms import GroupNorm, LayerNorm, RmsNorm
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Kind, Row


@LAYER_ROWS.add(LayerNorm)
def layer_norm(step: Step) -> Row:
    """Return the row of a layer norm: sums for mean and variance; a shift and scale, twice each."""
    return _row(step, reduced=2, pointwise=5, learned=2)


@LAYER_ROWS.add(RmsNorm)
def rms_norm(step: Step) -> Row:
    """Return the row of an RMS norm: a square and its sum; a scale, and a learned one."""
    return _row(step, reduced=1, pointwise=3, learned=1)


@LAYER_ROWS.add(GroupNorm)
def group_norm(step: Step) -> Row:
    """Return the row of a group norm over time.

    It does the sums, shifts and scales of a layer norm for each value. The root and the division
    of a group's deviation, once in a clip, are nothing per second.
    """
    width = step.channels_in
    work = {Kind.REDUCE: 2 * width, Kind.POINTWISE: 5 * width}
    return step_row(
        step,
        "norm",
        work,
        stored_values=2 * width,
        past_samples=None,
        delay_samples=None,
        state_values=None,
    )


def _row(step: Step, reduced: int, pointwise: int, learned: int) -> Row:
    """Return the row of a norm with so many operations and learned values for each channel."""
    width = step.channels_in
    work = {
        Kind.REDUCE: reduced * width,
        Kind.POINTWISE: pointwise * width,
        Kind.SQUARE_ROOT: 1,
        Kind.DIVISION: 1,
    }
    return step_row(step, "norm", work, stored_values=learned * width, in_place=True)
