"""Rows of recurrent layers: a product of each gate with the input, and one with the state."""

from __future__ import annotations

from lrac_audit.design.layers.recurrent import Gru, Lstm
from lrac_audit.design.steps import Step
from lrac_audit.ledger.operations import LAYER_ROWS, step_row
from lrac_audit.ledger.row import Kind, Row


@LAYER_ROWS.add(Lstm)
def lstm(step: Step) -> Row:
    """Return the row of LSTM layers: four gates, a hidden state and a cell."""
    return _row(step, "lstm", gates=4, states=2, pointwise={"sigmoid": 3, "tanh": 2})


@LAYER_ROWS.add(Gru)
def gru(step: Step) -> Row:
    """Return the row of GRU layers: three gates and a hidden state."""
    return _row(step, "gru", gates=3, states=1, pointwise={"sigmoid": 2, "tanh": 1})


def _row(step: Step, op: str, gates: int, states: int, pointwise: dict[str, int]) -> Row:
    """Return the row of layers that do four products and sums of values besides their gates.

    In an LSTM these are ``f c + i g`` and ``o tanh(c)``, in a GRU ``(1 - z) n + z h`` written as
    ``n + z (h - n)``, and ``r (U h)``.
    """
    width, count = step.channels_out, step.part.layers
    macs = gates * width * (step.channels_in + width + (count - 1) * 2 * width)
    biases = 2 * gates * width * count  # torch keeps two vectors of them
    work = {Kind.LINEAR: macs, Kind.BIAS: biases, Kind.GATE_ARITHMETIC: 4 * width * count}
    work |= {kind: each * width * count for kind, each in pointwise.items()}
    return step_row(
        step,
        op,
        work,
        stored_values=macs + biases,
        past_samples=None,
        state_values=states * width * count,
        # The new state of a layer below another is kept apart until it is complete.
        own_values=width if count > 1 else 0,
    )
