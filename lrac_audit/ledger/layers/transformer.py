"""Rows of the parts of transformers that are no linear maps, norms or sums.

In a stream of width C, a step multiplies its query with K keys, of which it takes a softmax in each
of H heads, and sums K values by the result: ``2 K C`` multiply-accumulates (Vaswani et al. 2017).
The keys and values of all steps but the newest are kept.
"""

from __future__ import annotations

from lrac_audit.design.layers.transformer import Gate, WindowAttention
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Kind, Row

_POSITION_WORK = {"none": (0, 0), "rotary": (6, 0), "learned": (0, 1)}
"""Operations of each kind of position: for each channel, and for each score. A rotary position
turns a pair of a query's or key's channels by four products and two sums."""


@LAYER_ROWS.add(WindowAttention)
def attention(step: Step) -> Row:
    """Return the row of attention to a window; queries that wait for a look-ahead are kept too."""
    part, width = step.part, step.channels_out
    scores = part.heads * part.keys
    by_channel, by_score = _POSITION_WORK[part.position]
    work = {
        Kind.LINEAR: 2 * part.keys * width,
        # Queries are scaled by the root of a head's width; a softmax subtracts the maximum.
        Kind.POINTWISE: width + scores + by_channel * width + by_score * scores,
        Kind.REDUCE: 2 * scores,
        Kind.TRANSCENDENTAL: scores,
        Kind.DIVISION: scores,
    }
    return step_row(
        step,
        "attention",
        work,
        stored_values=by_score * scores,
        past_samples=(part.window - 1) * step.samples_per_step,
        delay_samples=part.look_ahead * step.samples_per_step,
        state_values=(2 * (part.keys - 1) + part.look_ahead) * width,
        own_values=part.keys,  # the scores of one query in one head
    )


@LAYER_ROWS.add(Gate)
def gate(step: Step) -> Row:
    """Return the row of a product of one half of the channels with the SiLU of the other."""
    width = step.channels_out
    return step_row(step, "gate", {"silu": width, Kind.GATE_ARITHMETIC: width})
