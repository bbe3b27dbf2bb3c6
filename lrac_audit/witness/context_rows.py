"""Rows for what a witness knows of a whole side: its delay and its past context.

This module needs no torch.
"""

from __future__ import annotations

from lrac_audit.ledger.row import Geometry, Row, Side, Stage

DELAY_NOTE = "no work of its own, only delay"
CONTEXT_NOTE = "no work; the past context of the whole side"
WHOLE_CLIP = "(whole clip)"
NOT_MEASURED = "(not measured)"
PAST = "(past)"


def context_row(
    name: str, side: Side, *, delay_samples: int | None = 0, past_samples: int | None = 0
) -> Row:
    """Return the row called ``name`` with the delay or the past context of ``side``."""
    stages: dict[Side, Stage] = {
        "transmit": "encoder",
        "receive": "decoder",
        "undivided": "undivided",
    }
    return Row(
        name=name or "(outside any module)",
        side=side,
        stage=stages[side],
        op="context",
        geometry=Geometry(1, 1),
        runs_per_frame=0,
        work={},
        past_samples=past_samples,
        delay_samples=delay_samples,
        state_values=None,
        held_values=None,
        note=CONTEXT_NOTE if name == PAST else DELAY_NOTE,
    )
