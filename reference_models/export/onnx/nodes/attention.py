"""Nodes of attention to a window of steps.

Each query meets the keys of its own window and no others, so that a call multiplies as often as a
stream must.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations.attention import Attend
from reference_models.nn.layers.transformer import ROTARY_BASE

_COLUMNS = 1


@NODES.add(Attend)
def attend(body: Body, op: Attend) -> None:
    """Write the softmax of products of queries and keys, and the sums of values by it."""
    past = op.window - 1 + op.look_ahead
    queries, keys, values = _split(body, op)
    queries = _known(body, op, queries, "queries", op.look_ahead)
    keys = _known(body, op, keys, "keys", past)
    values = _known(body, op, values, "values", past)
    scores = _scores(body, op, queries, _windows(body, op, keys, "keys", (0, 2, 3, 1)))
    shares = _shares(body, op, scores)
    sums = body.node("MatMul", [shares, _windows(body, op, values, "values", (0, 2, 1, 3))], "sums")
    shape = body.constants.ints(*body.program.values[op.writes][:2])
    body.write(op.writes, body.node("Reshape", [sums, shape], "attended"), Layout.ROWS)


def _split(body: Body, op: Attend) -> tuple[str, str, str]:
    """Return queries, keys and values of this frame, the first two turned by their steps."""
    x, columns = body.read(op.reads[0], Layout.ROWS), body.program.values[op.writes].columns
    sizes = body.constants.ints(2 * columns, columns)
    both, values = body.node_of("Split", [x, sizes], "new", 2, axis=_COLUMNS)
    if op.rotary:
        both = _turned(body, op, both)
    queries, keys = body.node_of("Split", [both], "new", 2, axis=_COLUMNS, num_outputs=2)
    return queries, keys, values


def _turned(body: Body, op: Attend, x: str) -> str:
    """Return queries and keys in which each pair of a head's two halves is turned.

    A half times the cosine is added to the other times the sine, which is negative for the second.
    """
    rows, columns, *_ = body.program.values[op.writes]
    pairs, ints = columns // op.heads // 2, body.constants.ints
    halves = body.node("Reshape", [x, ints(rows, 2 * op.heads, 2, pairs)], "halves")
    others = body.node("Gather", [halves, ints(1, 0)], "other_halves", axis=2)
    cosine, sine = _turns(body, op, pairs)
    along = body.node("Mul", [halves, cosine], "along")
    across = body.node("Mul", [others, sine], "across")
    turned = body.node("Add", [along, across], "turned_halves")
    return body.node("Reshape", [turned, ints(rows, 2 * columns)], "turned_columns")


def _turns(body: Body, op: Attend, pairs: int) -> tuple[str, str]:
    """Return cosine and sine for each step and half, ``[T, 1, 2, P]``; in double precision first.

    The angles of the first halves are negative, which leaves the cosine as it is.
    """
    constants, valid = body.constants, op.valid
    steps = (np.arange(valid.rows) - valid.lag).reshape(-1, 1, 1, 1)
    speed = ROTARY_BASE ** -(np.arange(pairs) / pairs)
    before = body.node("Mul", [body.frame(), constants.integer(valid.rows)], "steps_before")
    step = body.node("Add", [before, constants.add(f"{op.writes}.steps", steps)], "steps")
    exact = body.node("Cast", [step], "exact_steps", to=TensorProto.DOUBLE)
    speeds = constants.add(f"turns.{pairs}", np.stack([-speed, speed])[None, None])
    angle = body.node("Mul", [exact, speeds], "angles")
    cosine, sine = (
        body.node("Cast", [body.node(kind, [angle], f"exact_{what}")], what, to=TensorProto.FLOAT)
        for kind, what in (("Cos", "cosine"), ("Sin", "sine"))
    )
    return cosine, sine


def _known(body: Body, op: Attend, new: str, what: str, past: int) -> str:
    """Return the rows that were kept and then those of the frame, and keep as many of the last."""
    state, rows = f"{op.row}.{what}", body.program.values[op.writes].rows
    if state not in op.keeps:
        return new
    kept = body.kept(state, Layout.ROWS)
    known = body.node("Concat", [kept, new], f"known_{what}", axis=0)
    last = range(rows, rows + past)
    body.keep(state, body.rows(known, Layout.ROWS, last, f"last_{what}"))
    return known


def _windows(body: Body, op: Attend, known: str, what: str, order: tuple[int, ...]) -> str:
    """Return the window of each query, ``[T, keys, heads, width]`` with its axes in ``order``."""
    rows, columns, *_ = body.program.values[op.writes]
    ints, keys = body.constants.ints, op.window + op.look_ahead
    if rows > 1:
        taps = body.constants.add(f"windows.{rows}.{keys}", _window_rows(rows, keys))
        known = body.node("Gather", [known, taps], f"windows_of_{what}", axis=0)
    shape = ints(rows, keys, op.heads, columns // op.heads)
    heads = body.node("Reshape", [known, shape], f"heads_of_{what}")
    return body.node("Transpose", [heads], what, perm=order)


def _window_rows(rows: int, keys: int) -> NDArray[np.int64]:
    """Return for each query which of the known rows are its window, ``[T, keys]``."""
    return np.arange(rows)[:, None] + np.arange(keys)


def _scores(body: Body, op: Attend, queries: str, keys: str) -> str:
    """Return the scores ``[T, heads, 1, keys]`` of the first queries, of which others wait."""
    rows, columns, *_ = body.program.values[op.writes]
    width, constants = columns // op.heads, body.constants
    if op.look_ahead:
        queries = body.rows(queries, Layout.ROWS, range(rows), "queries")
    scaled = body.node("Mul", [queries, constants.number(width**-0.5)], "scaled")
    heads = body.node("Reshape", [scaled, constants.ints(rows, op.heads, 1, width)], "query_heads")
    scores = body.node("MatMul", [heads, keys], "scores")
    for bias, name in zip(body.weights(op), op.constants, strict=True):
        scores = body.node("Add", [scores, constants.add(name, bias[:, None])], "with_position")
    return scores


def _shares(body: Body, op: Attend, scores: str) -> str:
    """Return the softmax of the scores, with zeros for steps outside the clip."""
    if body.edges is None:
        return body.node("Softmax", [scores], "shares", axis=-1)
    rows = body.program.values[op.writes].rows
    past = op.window - 1 + op.look_ahead
    window = _window_rows(rows, past + 1)[:, None, None] - past
    inside = body.edges.mask_of(op.valid, window)
    lowest = body.constants.number(float(np.finfo(np.float32).min))
    masked = body.node("Where", [inside, scores, lowest], "scores_within_clip")
    shares = body.node("Softmax", [masked], "shares", axis=-1)
    return body.node("Where", [inside, shares, body.constants.zero], "shares_within_clip")
