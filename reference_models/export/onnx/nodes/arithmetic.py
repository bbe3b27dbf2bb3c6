"""Nodes of sums, norms and rearrangements of rows and columns.

Columns are axis 1 in both layouts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.onnx.nodes.activations import silu
from reference_models.export.operations.operation import Operation
from reference_models.export.operations.pointwise import Add, Gate, Normalise, Scale, Subtract
from reference_models.export.operations.rows import Average, Concatenate, Repeat, Select, Shuffle

_SUMS = {Add: "Add", Subtract: "Sub"}
_COLUMNS = 1


@NODES.add(Add, Subtract)
def sum_or_difference(body: Body, op: Add | Subtract) -> None:
    """Write the sum or the difference of two values."""
    layout = body.layout(op.reads[1])
    reads = [body.read(name, layout) for name in op.reads]
    body.write(op.writes, body.node(_SUMS[type(op)], reads, "sum"), layout)


@NODES.add(Scale)
def scale(body: Body, op: Scale) -> None:
    """Write each column times a constant."""
    layout = body.layout(op.reads[0])
    reads = [body.read(op.reads[0]), _of_columns(body, op, 0, layout)]
    body.write(op.writes, body.node("Mul", reads, "scaled"), layout)


def _of_columns(body: Body, op: Operation, which: int, layout: Layout) -> str:
    values: NDArray[np.float32] = body.weights(op)[which]
    return body.constants.add(op.constants[which], layout.of_columns(values))


@NODES.add(Normalise)
def normalise(body: Body, op: Normalise) -> None:
    """Write each row over its root mean square, scaled and shifted."""
    layout, x = body.layout(op.reads[0]), body.read(op.reads[0])
    columns = body.constants.ints(_COLUMNS)
    if op.centred:
        x = body.node("Sub", [x, body.node("ReduceMean", [x, columns], "mean")], "centred")
    square = body.node("Mul", [x, x], "square")
    mean = body.node("ReduceMean", [square, columns], "mean_square")
    raised = body.node("Add", [mean, body.constants.number(op.epsilon)], "raised")
    y = body.node("Div", [x, body.node("Sqrt", [raised], "root")], "normalised")
    y = body.node("Mul", [y, _of_columns(body, op, 0, layout)], "scaled")
    if op.centred:
        y = body.node("Add", [y, _of_columns(body, op, 1, layout)], "shifted")
    body.write(op.writes, y, layout)


@NODES.add(Gate)
def gate(body: Body, op: Gate) -> None:
    """Write the first half of the columns, behind a SiLU, times the second half."""
    layout, x = body.layout(op.reads[0]), body.read(op.reads[0])
    first, second = body.node_of("Split", [x], "halves", 2, axis=_COLUMNS, num_outputs=2)
    body.write(op.writes, body.node("Mul", [silu(body, first), second], "gated"), layout)


@NODES.add(Concatenate)
def concatenate(body: Body, op: Concatenate) -> None:
    """Write the columns of all values side by side."""
    layout = body.layout(op.reads[0])
    reads = [body.read(name, layout) for name in op.reads]
    body.write(op.writes, body.node("Concat", reads, "columns", axis=_COLUMNS), layout)


@NODES.add(Select)
def select(body: Body, op: Select) -> None:
    """Write some of the columns."""
    layout, ints = body.layout(op.reads[0]), body.constants.ints
    last = op.first + body.program.values[op.writes].columns
    reads = [body.read(op.reads[0]), ints(op.first), ints(last), ints(_COLUMNS)]
    body.write(op.writes, body.node("Slice", reads, "columns"), layout)


@NODES.add(Repeat)
def repeat(body: Body, op: Repeat) -> None:
    """Write each row several times."""
    layout, rows = body.layout(op.reads[0]), body.program.values[op.reads[0]].rows
    order = np.repeat(np.arange(rows), op.factor)
    reads = [body.read(op.reads[0]), body.constants.add(f"repeat.{rows}.{op.factor}", order)]
    body.write(op.writes, body.node("Gather", reads, "rows", axis=layout.time_axis), layout)


@NODES.add(Shuffle)
def shuffle(body: Body, op: Shuffle) -> None:
    """Write several rows for each, whose columns lie interleaved in it."""
    rows, columns = body.program.values[op.writes][:2]
    ints, x = body.constants.ints, body.read(op.reads[0], Layout.ROWS)
    parts = body.node("Reshape", [x, ints(rows // op.factor, columns, op.factor)], "interleaved")
    turned = body.node("Transpose", [parts], "turned", perm=[0, 2, 1])
    body.write(op.writes, body.node("Reshape", [turned, ints(rows, columns)], "rows"), Layout.ROWS)


@NODES.add(Average)
def average(body: Body, op: Average) -> None:
    """Write the mean of every few rows."""
    rows, columns = body.program.values[op.writes][:2]
    ints, x = body.constants.ints, body.read(op.reads[0], Layout.ROWS)
    groups = body.node("Reshape", [x, ints(rows, op.count, columns)], "groups")
    mean = body.node("ReduceMean", [groups, ints(1)], "mean", keepdims=0)
    body.write(op.writes, mean, Layout.ROWS)
