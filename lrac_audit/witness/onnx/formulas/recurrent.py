"""Cost formulas for recurrent layers.

A layer of H units with g gates that takes I values does ``g H (I + H)`` multiply-accumulates for
each step.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.onnx.formulas.node_formulas import NodeCall, NodeWork, counts


def _recurrent(call: NodeCall, op: str, **per_unit: int) -> NodeWork:
    """Inputs: ``X [T, B, I]``, ``W [D, g H, I]``, ``R [D, g H, H]``, bias ``[D, 2 g H]``."""
    data, inner, outer = call.shape(0), call.shape(1), call.shape(2)
    steps, units = prod(data[:-1]), inner[0] * outer[-1]
    work: dict[str, int] = {Kind.LINEAR: steps * (prod(inner) + prod(outer))}
    if call.has(3):
        work[Kind.BIAS] = steps * prod(call.shape(3))
    work.update({kind: steps * units * n for kind, n in per_unit.items()})
    return NodeWork(op, work, Geometry(data[-1], units), steps)


@counts("LSTM")
def lstm(call: NodeCall) -> NodeWork:
    """Count three sigmoids, two tangents and four products and sums for each unit.

    Peepholes, the eighth input, add three products.
    """
    return _recurrent(call, "lstm", sigmoid=3, tanh=2, gate_arithmetic=7 if call.has(7) else 4)


@counts("GRU")
def gru(call: NodeCall) -> NodeWork:
    """Count two sigmoids, a tangent and four products and sums for each unit."""
    return _recurrent(call, "gru", sigmoid=2, tanh=1, gate_arithmetic=4)


@counts("RNN")
def rnn(call: NodeCall) -> NodeWork:
    """Count a tangent for each unit."""
    return _recurrent(call, "rnn", tanh=1)
