"""Rows of branches: what runs beside a longer branch adds nothing to delay and past context."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from lrac_audit.design.layers.parallel import Join
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.row import Geometry, Kind, Row


@LAYER_ROWS.add(Join)
def join(step: Step) -> Row:
    """Return the row of a sum of branches, or of branches laid side by side."""
    part, width, runs = step.part, step.channels_out, step.runs_per_frame
    is_sum = part.kind == "sum"
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="add" if is_sum else "concat",
        geometry=Geometry(step.channels_in, width),
        runs_per_frame=runs,
        work={Kind.RESIDUAL_ADD: runs * (len(part.widths) - 1) * width} if is_sum else {},
        held_values=_held(part),
        note="" if is_sum else "values are only laid out anew",
        in_place=True,
    )


def _held(part: Join) -> int | None:
    """Return the values that wait for the longest branch; None where no number bounds them."""
    total = 0
    for steps, channels in zip(part.held_steps, part.widths, strict=True):
        if steps is None:
            return None
        total += steps * channels
    return total


def side_by_side(branches: Sequence[list[Row]]) -> list[Row]:
    """Return the rows of all branches; only the longest one adds delay, and one past context.

    The two may be different branches, of equal ones the last. The rows of the others add 0.
    """
    delay = _longest([[row.delay_samples for row in rows] for rows in branches])
    past = _longest([[row.past_samples for row in rows] for rows in branches])
    return [
        row._replace(
            delay_samples=row.delay_samples if i == delay else 0,
            past_samples=row.past_samples if i == past else 0,
        )
        for i, rows in enumerate(branches)
        for row in rows
    ]


def _longest(branches: Sequence[Sequence[int | None]]) -> int:
    """Return which branch has the largest sum, of equal ones the last."""
    totals = [_total(samples) for samples in branches]
    return max(range(len(totals)), key=lambda i: (totals[i], i))


def _total(samples: Sequence[int | None]) -> float:
    """Return the sum, infinite where one is unbounded."""
    return inf if None in samples else sum(each or 0 for each in samples)
