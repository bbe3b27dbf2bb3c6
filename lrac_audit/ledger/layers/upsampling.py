"""Rows of layers that raise the rate by laying out values anew."""

from __future__ import annotations

from lrac_audit.design.layer import kind_name
from lrac_audit.design.layers.upsampling import PixelShuffle, Repeat
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.row import Geometry, Row


@LAYER_ROWS.add(Repeat, PixelShuffle)
def laid_out(step: Step) -> Row:
    """Return the row of a layer that only moves values."""
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op=kind_name(step.part),
        geometry=Geometry(step.channels_in, step.channels_out, stride=step.part.factor),
        runs_per_frame=step.runs_per_frame,
        work={},
        note="values are only laid out anew",
        in_place=isinstance(step.part, PixelShuffle),
    )
