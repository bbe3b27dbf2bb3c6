"""Nodes of convolutions and transposed convolutions."""

from __future__ import annotations

import numpy as np

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations.convolutions import Convolve, ConvolveTransposed


@NODES.add(Convolve)
def convolve(body: Body, op: Convolve) -> None:
    """Write a convolution: by rows one matrix product, by channels or in groups a node."""
    by_rows = body.layout(op.reads[0]) is Layout.ROWS and op.groups == 1
    (_by_product if by_rows else _by_convolution)(body, op)


def _by_product(body: Body, op: Convolve) -> None:
    weight, *bias = body.weights(op)
    out, columns, kernel = weight.shape
    matrix = weight.transpose(2, 1, 0).reshape(kernel * columns, out)
    reads = [_taps(body, op), body.constants.weight(f"{op.constants[0]}.matrix", matrix, 1)]
    if bias:
        corrected = bias[0] + body.lost(op.reads[0], matrix, 1)
        reads.append(body.constants.add(op.constants[1], corrected))
    body.write(op.writes, body.node("Gemm", reads, "product"), Layout.ROWS)


def _taps(body: Body, op: Convolve) -> str:
    """Return the rows that each output row reads, side by side."""
    window = body.program.values[op.reads[0]]
    rows = body.program.values[op.writes].rows
    first_taps = op.first + np.arange(rows)[:, None] * op.stride
    taps = first_taps + np.arange(op.kernel) * op.dilation
    x, shape = body.read(op.reads[0], Layout.ROWS), (rows, op.kernel * window.columns)
    if shape == (window.rows, window.columns):
        return x
    if not np.array_equal(taps.ravel(), np.arange(window.rows)):
        numbers = [op.kernel, op.stride, op.dilation, op.first, rows]
        name = ".".join(map(str, ["taps", *numbers]))
        x = body.node("Gather", [x, body.constants.add(name, taps)], "taps", axis=0)
    return body.node("Reshape", [x, body.constants.ints(*shape)], "side_by_side")


def _by_convolution(body: Body, op: Convolve) -> None:
    rows = body.program.values[op.writes].rows
    last = op.first + (rows - 1) * op.stride + (op.kernel - 1) * op.dilation
    x, read = body.read(op.reads[0], Layout.CHANNELS), range(op.first, last + 1)
    if read != range(body.program.values[op.reads[0]].rows):
        x = body.rows(x, Layout.CHANNELS, read, "rows_read")
    weight, *bias = body.weights(op)
    reads = [x, body.constants.weight(op.constants[0], weight, 0)]
    if bias:
        matrix = weight.transpose(0, 2, 1).reshape(len(weight), -1)
        lost = body.lost(op.reads[0], matrix, 0) if op.groups == 1 else 0
        reads.append(body.constants.add(op.constants[1], bias[0] + lost))
    y = body.node(
        "Conv",
        reads,
        "convolution",
        kernel_shape=[op.kernel],
        strides=[op.stride],
        dilations=[op.dilation],
        group=op.groups,
    )
    body.write(op.writes, y, Layout.CHANNELS)


@NODES.add(ConvolveTransposed)
def convolve_transposed(body: Body, op: ConvolveTransposed) -> None:
    """Write a transposed convolution: one matrix product where no outputs overlap."""
    one_product = op.kernel == op.stride and op.groups == 1
    (_without_overlap if one_product else _overlapping)(body, op)


def _without_overlap(body: Body, op: ConvolveTransposed) -> None:
    weight, *bias = body.weights(op)
    columns, out, kernel = weight.shape
    matrix = weight.transpose(0, 2, 1).reshape(columns, kernel * out)
    x = body.within_clip(body.read(op.reads[0], Layout.ROWS), Layout.ROWS, op)
    reads = [x, body.constants.weight(f"{op.constants[0]}.matrix", matrix, 1)]
    if bias:
        corrected = np.tile(bias[0], kernel) + body.lost(op.reads[0], matrix, 1)
        reads.append(body.constants.add(f"{op.constants[1]}.repeated", corrected))
    product = body.node("Gemm", reads, "product")
    shape = body.constants.ints(body.program.values[op.writes].rows, out)
    body.write(op.writes, body.node("Reshape", [product, shape], "rows"), Layout.ROWS)


def _overlapping(body: Body, op: ConvolveTransposed) -> None:
    layout, rows = Layout.CHANNELS, body.program.values[op.writes].rows
    x = body.within_clip(body.read(op.reads[0], layout), layout, op)
    weight, *bias = body.weights(op)
    options = {"kernel_shape": [op.kernel], "strides": [op.stride], "group": op.groups}
    reads = [x, body.constants.weight(op.constants[0], weight, 1)]
    sums = body.node("ConvTranspose", reads, "sums", **options)
    for state in op.keeps:
        sums = overlapped(body, state, sums, rows)
    if bias:
        shift = body.constants.add(f"{op.constants[1]}.column", bias[0][:, None])
        sums = body.node("Add", [sums, shift], "bias")
    body.write(op.writes, sums, layout)


def overlapped(body: Body, state: str, sums: str, rows: int) -> str:
    """Return the first ``rows`` of ``sums`` and the kept ones; keep the others."""
    layout, overlap = Layout.CHANNELS, body.program.states[state].rows
    pads = body.constants.ints(0, 0, 0, 0, 0, rows)
    padded = body.node("Pad", [body.kept(state, layout), pads], "kept_sums")
    sums = body.node("Add", [sums, padded], "overlapped")
    body.keep(state, body.rows(sums, layout, range(rows, rows + overlap), "last_sums"))
    return body.rows(sums, layout, range(rows), "first_sums")
