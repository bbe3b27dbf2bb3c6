"""Nodes of operations that keep rows for the next frame."""

from __future__ import annotations

from reference_models.export.onnx.body import NODES, Body
from reference_models.export.operations.rows import Delay, Join


@NODES.add(Join)
def join(body: Body, op: Join) -> None:
    """Write a window: the rows that were kept, then those of the frame."""
    layout = body.layout(op.reads[0])
    x = body.within_clip(body.read(op.reads[0]), layout, op)
    for state in op.keeps:
        kept, total = body.kept(state, layout), body.program.values[op.writes].rows
        x = body.node("Concat", [kept, x], "window", axis=layout.time_axis)
        last = range(total - body.program.states[state].rows, total)
        body.keep(state, body.rows(x, layout, last, "last_rows"))
    body.write(op.writes, x, layout, keeps_layout=True)


@NODES.add(Delay)
def delay(body: Body, op: Delay) -> None:
    """Write the rows that were kept, and of the frame only what is not to be kept."""
    layout, x, state = body.layout(op.reads[0]), body.read(op.reads[0]), op.keeps[0]
    kept, held = body.kept(state, layout), body.program.states[state].rows
    rows = body.program.values[op.reads[0]].rows
    if held == rows:
        body.write(op.writes, kept, layout)
        return body.keep(state, body.node("Identity", [x], "held_back"))
    window = body.node("Concat", [kept, x], "window", axis=layout.time_axis)
    body.write(op.writes, body.rows(window, layout, range(rows), "delayed"), layout)
    return body.keep(state, body.rows(window, layout, range(rows, rows + held), "held_back"))
