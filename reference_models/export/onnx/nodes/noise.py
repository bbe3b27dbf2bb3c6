"""Nodes of added noise: a fixed sequence, by the number of the step."""

from __future__ import annotations

import math

import numpy as np
from onnx import TensorProto

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations.noise import AddNoise
from reference_models.nn.layers.noise import MULTIPLIERS, WORD


@NODES.add(AddNoise)
def add_noise(body: Body, op: AddNoise) -> None:
    """Write the first value plus the second times a random value for each row."""
    layout = Layout.ROWS
    x, level = (body.read(name, layout) for name in op.reads)
    noise = _gaussian(body, op, _numbers(body, op))
    wave = body.node("Mul", [level, noise], "noise_at_level")
    body.write(op.writes, body.node("Add", [x, wave], "noisy"), layout)


def _numbers(body: Body, op: AddNoise) -> str:
    """Return the number of each row's step in the clip, ``[T, 1]``, and keep the next one.

    Rows outside the clip do not count.
    """
    state, constants, rows = body.kept_number(op.keeps[0]), body.constants, op.valid.rows
    if body.edges is None:
        before, count = np.arange(rows)[:, None], constants.integer(rows)
        earlier = constants.add(f"rows_before.{rows}", before)
    else:
        mask = body.edges.mask(op.valid, Layout.ROWS.time_axis)
        steps = body.node("Cast", [mask], "steps", to=TensorProto.INT64)
        axis = constants.integer(Layout.ROWS.time_axis)
        earlier = body.node("CumSum", [steps, axis], "earlier", exclusive=1)
        count = body.node("ReduceSum", [steps], "count")
    body.keep(op.keeps[0], body.node("Add", [state, count], "next_number"))
    return body.node("Add", [state, earlier], "numbers")


def _gaussian(body: Body, op: AddNoise, numbers: str) -> str:
    """Return a value for each number, as :func:`reference_models.nn.layers.noise.gaussian` does."""
    number = body.constants.number
    doubled = body.node("Mul", [numbers, body.constants.integer(2)], "doubled")
    first, second = (_uniform(body, doubled, op.seed + which) for which in (0, 1))
    logarithm = body.node("Log", [first], "logarithm")
    power = body.node("Mul", [logarithm, number(-2.0, np.float64)], "power")
    radius = body.node("Sqrt", [power], "radius")
    angle = body.node("Mul", [second, number(2 * math.pi, np.float64)], "angle")
    noise = body.node("Mul", [radius, body.node("Cos", [angle], "cosine")], "gaussian")
    return body.node("Cast", [noise], "noise", to=TensorProto.FLOAT)


def _uniform(body: Body, numbers: str, seed: int) -> str:
    """Return a value between 0 and 1 for each of ``numbers``, a hash of it.

    A factor stands for the same one less ``2 ** 32``, with which no product leaves 64 bits.
    """
    integer, number = body.constants.integer, body.constants.number
    seeded = body.node("Add", [numbers, integer(seed)], "seeded")
    mixed = body.node("BitwiseAnd", [seeded, integer(WORD)], "word")
    for multiplier in MULTIPLIERS:
        mixed = _folded(body, mixed)
        mixed = body.node("Mul", [mixed, integer(multiplier - WORD - 1)], "product")
        mixed = body.node("BitwiseAnd", [mixed, integer(WORD)], "word")
    exact = body.node("Cast", [_folded(body, mixed)], "exact", to=TensorProto.DOUBLE)
    middle = body.node("Add", [exact, number(0.5, np.float64)], "middle")
    return body.node("Mul", [middle, number(1 / (WORD + 1), np.float64)], "uniform")


def _folded(body: Body, word: str) -> str:
    """Return ``word ^ word >> 16`` of a word of 32 bits."""
    shifted = body.node("Div", [word, body.constants.integer(1 << 16)], "upper")
    return body.node("BitwiseXor", [word, shifted], "folded")
