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
    held = zip(part.held_steps, part.widths, strict=True)
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="add" if is_sum else "concat",
        geometry=Geometry(step.channels_in, width),
        runs_per_frame=runs,
        work={Kind.RESIDUAL_ADD: runs * (len(part.widths) - 1) * width} if is_sum else {},
        held_values=sum(steps * channels for steps, channels in held),
        note="" if is_sum else "values are only laid out anew",
    )


def side_by_side(branches: Sequence[list[Row]]) -> list[Row]:
    """Return the rows of all branches; only the longest one adds delay, and one past context.

    The two may be different branches, of equal ones the last. The rows of the others add 0.
    """
    for name in ("delay_samples", "past_samples"):
        totals = [_total([getattr(row, name) for row in rows]) for rows in branches]
        longest = max(range(len(totals)), key=lambda i: (totals[i], i))
        branches = [
            rows if i == longest else [row._replace(**{name: 0}) for row in rows]
            for i, rows in enumerate(branches)
        ]
    return [row for rows in branches for row in rows]


def _total(samples: Sequence[int | None]) -> float:
    """Return the sum, infinite where one is unbounded."""
    return inf if None in samples else sum(each or 0 for each in samples)
