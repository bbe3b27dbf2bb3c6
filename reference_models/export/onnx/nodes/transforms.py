"""Nodes of transforms between samples and spectra.

Each is a node ``DFT`` of the size that the audit counts. It runs in double precision: in single,
the runtime loses four digits where a size is no power of two. A real transform gives spectra, and
by Hartley's transform also the inverse, for which the operator would take all bins of a complex
one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from reference_models.export.cosine_turns import cosine_turns
from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.onnx.nodes.frames import add_overlapping, rows_of_frames
from reference_models.export.operations import Analyse, Synthesise


@NODES.add(Analyse)
def analyse(body: Body, op: Analyse) -> None:
    """Write the spectra of frames."""
    spectra = (_fourier if op.transform == "fourier" else _cosine)(body, op)
    shape = body.constants.ints(*body.program.values[op.writes][:2])
    body.write(op.writes, body.node("Reshape", [spectra, shape], "spectra"), Layout.ROWS)


@NODES.add(Synthesise)
def synthesise(body: Body, op: Synthesise) -> None:
    """Write the sums of frames made of spectra."""
    read, written = body.program.values[op.reads[0]], body.program.values[op.writes]
    x = body.within_clip(body.read(op.reads[0], Layout.ROWS), Layout.ROWS, op)
    shape = read.rows * written.columns, read.columns // written.columns
    x = body.node("Reshape", [x, body.constants.ints(*shape)], "spectra")
    frames = (_inverse_fourier if op.transform == "fourier" else _inverse_cosine)(body, op, x)
    add_overlapping(body, op, frames)


def _fourier(body: Body, op: Analyse) -> str:
    window = body.weights(op)[0]
    frames = rows_of_frames(body, op, np.arange(len(window)), "frames")
    windowed = _times(body, frames, f"{op.row}.window", window, "windowed")
    spectra = _real_transform(body, windowed)
    parts = np.ones((len(window) // 2 + 1, 2), np.float32)
    # What rounding leaves of these imaginary parts would decide the signs of phases of pi.
    parts[_own_mirror(len(window)), 1] = 0
    spectra = _times(body, spectra, f"{op.row}.parts", parts, "without_rounding")
    return body.node("Transpose", [spectra], "parts", perm=[0, 2, 1])


def _own_mirror(size: int) -> list[int]:
    """Return the bins that are their own conjugates."""
    return [0] if size % 2 else [0, size // 2]


def _inverse_fourier(body: Body, op: Synthesise, spectra: str) -> str:
    window = body.weights(op)[0]
    size, bins = len(window), len(window) // 2 + 1
    values = _hartley(body, op, spectra, size, range(0, bins), range(bins, 2 * bins))
    transform = _real_transform(body, values)
    flat = body.node("Reshape", [transform, body.constants.ints(-1, 2 * bins)], "flat")
    frames = _hartley(body, op, flat, size, range(0, 2 * bins, 2), range(1, 2 * bins, 2))
    return _times(body, frames, f"{op.row}.window", window / size, "windowed")


def _hartley(body: Body, op: Synthesise, x: str, size: int, real: range, imaginary: range) -> str:
    """Return the real minus the imaginary part of each bin, those of conjugates too.

    ``real`` and ``imaginary`` say where the parts of bins stand in ``x``.
    """
    mirrored = np.minimum(np.arange(size), size - np.arange(size))
    signs = np.where(np.arange(size) > size // 2, 1, -1).astype(np.float32)
    signs[_own_mirror(size)] = 0
    first = _picked(body, x, f"{op.row}.real.{real.step}", np.array(real)[mirrored])
    second = _picked(body, x, f"{op.row}.imaginary.{real.step}", np.array(imaginary)[mirrored])
    signed = _times(body, second, f"{op.row}.signs", signs, "signed")
    return body.node("Add", [first, signed], "hartley")


def _cosine(body: Body, op: Analyse) -> str:
    """Return coefficients: of the quarters a, b, c, d of a frame those of -c' - d, a - b'."""
    hop, window = op.hop, body.weights(op)[0]
    places = _pairs(hop)
    straight = np.where(places < hop // 2, places + 3 * hop // 2, places - hop // 2)
    signs, reversed_ = np.where(places < hop // 2, -1, 1), 3 * hop // 2 - 1 - places
    first, second = (
        _times(body, rows_of_frames(body, op, rows, what), f"{op.row}.{what}.window", factors, what)
        for rows, what, factors in (
            (straight, "straight", signs * window[straight]),
            (reversed_, "reversed", window[reversed_]),
        )
    )
    folded = body.node("Sub", [first, second], "folded")
    order = np.arange(hop)
    return _picked(body, _cosines(body, op, folded), f"{op.row}.order", _place(order, hop))


def _inverse_cosine(body: Body, op: Synthesise, spectra: str) -> str:
    """Return frames: early, -early', -late', -late of what is transformed to late, early."""
    hop, window, n = op.hop, body.weights(op)[0], np.arange(2 * op.hop)
    pairs = _picked(body, spectra, f"{op.row}.pairs", _pairs(hop))
    middle = (n >= hop // 2) & (n < 3 * hop // 2)
    folded = np.where(middle, 3 * hop // 2 - 1 - n, (n + hop // 2) % (2 * hop))
    signs = np.where(n < hop // 2, 1, -1)
    frames = _picked(body, _cosines(body, op, pairs), f"{op.row}.order", _place(folded, hop))
    return _times(body, frames, f"{op.row}.window", signs * window, "windowed")


def _pairs(hop: int) -> NDArray[np.int64]:
    """Return the values that are the parts of each complex one, ``[hop / 2, 2]``."""
    ascending = np.arange(0, hop, 2)
    return np.stack((hop - 1 - ascending, ascending), 1)


def _place(values: NDArray[np.int64], hop: int) -> NDArray[np.int64]:
    """Return where the results ``values`` of a cosine transform stand among the complex ones."""
    return np.where(values % 2, hop - values, values)


def _cosines(body: Body, op: Analyse | Synthesise, pairs: str) -> str:
    """Return the cosine transform of ``pairs [spectra, hop / 2, 2]``, ``[spectra, hop]``."""
    turns = cosine_turns(op.hop)
    turned = _turned(body, pairs, f"{op.row}.turns", turns)
    transform = _transform(body, turned, inverse=1)
    # The inverse of the operator is over the number of values.
    result = _turned(body, transform, f"{op.row}.turns_back", turns * len(turns))
    return body.node("Reshape", [result, body.constants.ints(-1, op.hop)], "coefficients")


def _turned(body: Body, x: str, name: str, turns: NDArray[np.complex128]) -> str:
    """Return the complex values ``x [spectra, n, 2]``, each multiplied by one of ``turns``."""
    c, s = turns.real, turns.imag
    straight = _times(body, x, f"{name}.straight", np.stack((c, c), 1), "straight_parts")
    crossed = body.node("Gather", [x, body.constants.ints(1, 0)], "crossed", axis=2)
    crossed = _times(body, crossed, f"{name}.crossed", np.stack((-s, s), 1), "crossed_parts")
    return body.node("Add", [straight, crossed], "turned")


def _real_transform(body: Body, x: str) -> str:
    """Return the bins ``[spectra, bins, 2]`` of real values ``x [spectra, N]``."""
    wide = body.node("Unsqueeze", [x, body.constants.ints(2)], "real_values")
    return _transform(body, wide, onesided=1)


def _transform(body: Body, x: str, **kind: int) -> str:
    wide = body.node("Cast", [x], "double", to=TensorProto.DOUBLE)
    transform = body.node("DFT", [wide], "transform", **kind)
    return body.node("Cast", [transform], "single", to=TensorProto.FLOAT)


def _times(body: Body, x: str, name: str, factors: NDArray[Any], what: str) -> str:
    constant = body.constants.add(name, factors.astype(np.float32))
    return body.node("Mul", [x, constant], what)


def _picked(body: Body, x: str, name: str, places: NDArray[np.int64]) -> str:
    """Return values of the last axis of ``x [spectra, n]``."""
    table = body.constants.add(name, places)
    return body.node("Gather", [x, table], name.rpartition(".")[2], axis=1)
