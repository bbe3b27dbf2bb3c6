"""Nodes that cut frames out of a signal, and that add frames where they overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reference_models.export.onnx.body import Body, Layout
from reference_models.export.onnx.nodes.convolutions import overlapped
from reference_models.export.operations.transforms import Analyse, Synthesise


def rows_of_frames(body: Body, op: Analyse, rows: NDArray[np.int64], what: str) -> str:
    """Return rows of each frame, by their numbers ``[...]`` in it: ``[frames C, ...]``."""
    window, frames = body.program.values[op.reads[0]], body.program.values[op.writes].rows
    x = body.read(op.reads[0], Layout.CHANNELS)
    numbers = np.add.outer(op.hop * np.arange(frames), rows)
    several = frames > 1 and window.columns > 1
    if several or not np.array_equal(numbers.ravel(), np.arange(window.rows)):
        table = body.constants.add(f"{op.row}.{what}", numbers)
        x = body.node("Gather", [x, table], what, axis=Layout.CHANNELS.time_axis)
        if several:
            behind = range(3, numbers.ndim + 2)
            x = body.node("Transpose", [x], f"{what}.turned", perm=[0, 2, 1, *behind])
    shape = body.constants.ints(frames * window.columns, *rows.shape)
    return body.node("Reshape", [x, shape], f"{what}.side_by_side")


def add_overlapping(body: Body, op: Synthesise, frames: str) -> None:
    """Write the sums of ``frames [rows C, N]``, and keep those that are not complete."""
    written, size = body.program.values[op.writes], len(body.program.constants[op.constants[0]])
    count, ints = written.rows // op.hop, body.constants.ints
    if count == 1:
        sums = body.node("Reshape", [frames, ints(1, written.columns, size)], "sums")
    else:
        sums = _by_hops(body, op, frames, size // op.hop)
    for state in op.keeps:
        sums = overlapped(body, state, sums, written.rows)
    body.write(op.writes, sums, Layout.CHANNELS)


def _by_hops(body: Body, op: Synthesise, frames: str, hops: int) -> str:
    """Return the sums of several frames, each of which is so many hops long."""
    written, ints = body.program.values[op.writes], body.constants.ints
    count = written.rows // op.hop
    hop_by_hop = ints(count, written.columns, hops, op.hop)
    sums = body.node("Reshape", [frames, hop_by_hop], "hop_by_hop")
    if hops > 1:
        parts = body.node_of("Split", [sums], "hop", hops, axis=2, num_outputs=hops)
        sums, *others = (
            body.node("Pad", [part, ints(i, 0, 0, 0, hops - 1 - i, 0, 0, 0)], "hop_in_place")
            for i, part in enumerate(parts)
        )
        for part in others:
            sums = body.node("Add", [sums, part], "hops_added")
    turned = body.node("Transpose", [sums], "by_channel", perm=[1, 0, 2, 3])
    shape = ints(1, written.columns, (count + hops - 1) * op.hop)
    return body.node("Reshape", [turned, shape], "sums")
