"""Nodes of quantizers.

A received index that is one past the last stands for a layer that is not active: its entry is
zeros.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations import Lookup, Rescale, Round, Search
from reference_models.nn.quantizers.scalar import MARGIN


@NODES.add(Search)
def search(body: Body, op: Search) -> None:
    """Write the index of the nearest codeword to each row, by distances in single precision.

    They round less than what is searched has been rounded already.
    """
    codebook = body.weights(op)[0]
    energies = (codebook.astype(np.float64) ** 2).sum(1) / 2
    reads = [
        body.read(op.reads[0], Layout.ROWS),
        body.constants.add(f"{op.constants[0]}.columns", codebook.T),
        body.constants.add(f"{op.constants[0]}.half_energies", energies.astype(np.float32)),
    ]
    distances = body.node("Gemm", reads, "distances", alpha=-1.0)
    index = body.node("ArgMin", [distances], "nearest", axis=1, keepdims=0)
    body.write_index(op.writes, index)


@NODES.add(Lookup)
def lookup(body: Body, op: Lookup) -> None:
    """Write the table's row of each index."""
    (table,) = body.weights(op)
    if body.program.side == "receive":
        table = np.concatenate([table, np.zeros_like(table[:1])])
    reads = [
        body.constants.weight(f"{op.constants[0]}.rows", table, 1),
        body.read_index(op.reads[0]),
    ]
    body.write(op.writes, body.node("Gather", reads, "entry", axis=0), Layout.ROWS)


@NODES.add(Round)
def round_levels(body: Body, op: Round) -> None:
    """Write the index of the nearest level of each column."""
    x = body.read(op.reads[0], Layout.ROWS)
    level = (_sign_level if op.signs else _nearest_level)(body, op, x)
    digits = body.node("Cast", [level], "whole", to=TensorProto.INT64)
    ints, counts = body.constants.ints, op.counts
    digits = body.node("Add", [digits, ints(*(count // 2 for count in counts))], "digits")
    parts = body.node("Mul", [digits, ints(*_places(counts))], "parts")
    body.write_index(op.writes, body.node("ReduceSum", [parts, ints(1)], "index", keepdims=0))


def _places(counts: tuple[int, ...]) -> list[int]:
    """Return what a digit of each column is worth."""
    return [math.prod(counts[:column]) for column in range(len(counts))]


def _sign_level(body: Body, op: Round, x: str) -> str:
    """Return 0 for what is positive and -1 for all else."""
    positive = body.node("Greater", [x, body.constants.zero], "positive")
    sign = body.node("Cast", [positive], "sign", to=TensorProto.FLOAT)
    return body.node("Sub", [sign, body.constants.number(1.0)], "level")


def _nearest_level(body: Body, op: Round, x: str) -> str:
    count = np.array(op.counts)
    half, offset = (count - 1) * (1 + MARGIN) / 2, (1 - count % 2) / 2
    if any(finer != 1 for finer in op.finer):
        x = body.node("Mul", [x, _vector(body, op, "finer", np.array(op.finer))], "finer")
    if offset.any():
        shift = _vector(body, op, "shift", np.arctanh(offset / half))
        x = body.node("Add", [x, shift], "shifted")
    bounded = body.node("Tanh", [x], "bounded")
    x = body.node("Mul", [bounded, _vector(body, op, "half", half)], "scaled")
    if offset.any():
        x = body.node("Sub", [x, _vector(body, op, "offset", offset)], "level")
    return body.node("Round", [x], "nearest")


@NODES.add(Rescale)
def rescale(body: Body, op: Rescale) -> None:
    """Write the values that each index stands for."""
    ints, counts = body.constants.ints, op.counts
    rows = body.program.values[op.writes].rows
    index = body.node("Reshape", [body.read_index(op.reads[0]), ints(rows, 1)], "index")
    places = body.node("Div", [index, ints(*_places(counts))], "places")
    digits = body.node("Mod", [places, ints(*counts)], "digits")
    levels = body.node("Sub", [digits, ints(*(count // 2 for count in counts))], "levels")
    x = body.node("Cast", [levels], "values", to=TensorProto.FLOAT)
    units = np.array(op.finer) * (1 if op.signs else np.array(counts) // 2)
    if op.signs:
        x = body.node("Add", [x, body.constants.number(0.5)], "middle")
        units = units / 2
    x = body.node("Div", [x, _vector(body, op, "units", units)], "rescaled")
    if body.program.side == "receive":
        active = body.node("Less", [index, ints(math.prod(counts))], "active")
        x = body.node("Where", [active, x, body.constants.zero], "if_active")
    body.write(op.writes, x, Layout.ROWS)


def _vector(body: Body, op: Round | Rescale, what: str, values: NDArray[np.float64]) -> str:
    return body.constants.add(f"{op.writes}.{what}", values.astype(np.float32))
