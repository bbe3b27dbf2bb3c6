"""Nodes of recurrent layers."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations.recurrent import Recur

GATES = MappingProxyType({"lstm": (0, 3, 1, 2), "gru": (1, 0, 2)})
"""The gates in the order of ONNX, as places in the order of torch."""


@NODES.add(Recur)
def recur(body: Body, op: Recur) -> None:
    """Write a recurrent layer, at the edges of a clip one step at a time."""
    layout = Layout.ROWS
    x = body.read(op.reads[0], layout)
    states = [body.kept(name, layout) for name in op.keeps]
    if body.edges is None:
        y, states = _steps(body, op, x, states, body.program.values[op.reads[0]].rows, "")
    else:
        y, states = _masked_steps(body, op, x, states)
    for name, state in zip(op.keeps, states, strict=True):
        body.keep(name, state)
    body.write(op.writes, y, layout)


def _masked_steps(body: Body, op: Recur, x: str, states: list[str]) -> tuple[str, list[str]]:
    """Return the output and the states, which are zeros after a step outside the clip."""
    assert body.edges is not None
    layout, zero, hidden = Layout.ROWS, body.constants.zero, []
    mask = body.edges.mask(op.valid, layout.time_axis)
    for t in range(body.program.values[op.reads[0]].rows):
        step = body.rows(x, layout, range(t, t + 1), f"{op.writes}.step.{t}")
        inside = body.rows(mask, layout, range(t, t + 1), f"{op.writes}.inside.{t}")
        _, after = _steps(body, op, step, states, 1, f".{t}")
        states = [
            body.node("Where", [inside, state, zero], f"{op.writes}.kept.{t}.{i}")
            for i, state in enumerate(after)
        ]
        hidden.append(states[0])
    return body.node("Concat", hidden, f"{op.writes}.hidden", axis=layout.time_axis), states


def _steps(
    body: Body, op: Recur, x: str, states: list[str], rows: int, suffix: str
) -> tuple[str, list[str]]:
    """Return the hidden vectors of consecutive steps, and the states after them."""
    ints, size = body.constants.ints, body.program.values[op.writes].columns
    what = f"{op.writes}{suffix}"
    sequence = body.node("Unsqueeze", [x, ints(1)], f"{what}.sequence")
    before = [
        body.node("Unsqueeze", [state, ints(0)], f"{what}.before.{i}")
        for i, state in enumerate(states)
    ]
    reads = [sequence, *_weights(body, op), "", *before]
    options = {"linear_before_reset": 1} if op.kind == "gru" else {}
    kind, outputs = op.kind.upper(), 1 + len(states)
    y, *after = body.node_of(kind, reads, what, outputs, hidden_size=size, **options)
    hidden = body.node("Reshape", [y, ints(rows, size)], f"{what}.hidden")
    shape = ints(1, size)
    return hidden, [
        body.node("Reshape", [state, shape], f"{what}.after.{i}") for i, state in enumerate(after)
    ]


def _weights(body: Body, op: Recur) -> list[str]:
    """Return the weights of input and hidden vectors, and both biases in one."""
    w_ih, w_hh, b_ih, b_hh = (_in_order(each, GATES[op.kind]) for each in body.weights(op))
    biases = np.concatenate([b_ih, b_hh])[None]
    return [
        body.constants.weight(op.constants[0], w_ih[None], 1),
        body.constants.weight(op.constants[1], w_hh[None], 1),
        body.constants.add(f"{op.constants[2]}.both", biases),
    ]


def _in_order(weight: NDArray[np.float32], gates: tuple[int, ...]) -> NDArray[np.float32]:
    parts = np.split(weight, len(gates))
    return np.concatenate([parts[place] for place in gates])
