"""A plain interpreter of programs in double precision, which the tests compare engines with."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_models.export.operations import (
    Activate,
    Add,
    Convolve,
    ConvolveTransposed,
    Delay,
    Join,
    Lookup,
    Operation,
    Recur,
    Search,
    Subtract,
)
from reference_models.export.program import Program
from reference_models.export.signal import steps_of

Array = NDArray[Any]


class Interpreter:
    """One stream through a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.frame = 0
        self.states = {
            name: np.zeros((state.rows, state.columns)) for name, state in program.states.items()
        }
        self.constants = {name: each.astype(float) for name, each in program.constants.items()}

    def run(self, inputs: list[Array], end: int | None = None, layers: int = 99) -> list[Array]:
        """Return the outputs of the next frame; ``end`` is the clip's length once it is known."""
        none = np.zeros((self.program.output.rows, 1), int)
        values = dict(zip_longest(self.program.inputs, inputs, fillvalue=none))
        for op in self.program.operations:
            value = self.program.values[op.writes]
            result = np.zeros((value.rows, value.columns), int if value.is_index else float)
            if op.layer < layers:
                result = self._result(op, [values[name] for name in op.reads], end)
            assert result.shape == (value.rows, value.columns), (op, result.shape)
            values[op.writes] = result
        self.frame += 1
        return [values[name] for name in self.program.outputs]

    def _result(self, op: Operation, reads: list[Array], end: int | None) -> Array:
        kept = [self.states[name] for name in op.keeps]
        weights = [self.constants[name] for name in op.constants]
        if isinstance(op, Join | ConvolveTransposed | Recur):
            inside = op.valid.within(self.frame, end)
            reads = [_zeroed(reads[0], inside)]
        if isinstance(op, Recur):  # the steps before the clip are left out
            result, *new = _recur(op, [reads[0][inside.start :]], kept, weights)
            result = np.concatenate([np.zeros((inside.start, result.shape[1])), result])
        else:
            result, *new = RULES[type(op)](op, reads, kept, weights)
        for name, state in zip(op.keeps, new, strict=True):
            assert state.shape == self.states[name].shape, name
            self.states[name] = state
        return result


def _zeroed(x: Array, inside: range) -> Array:
    kept = np.zeros_like(x)
    kept[inside.start : inside.stop] = x[inside.start : inside.stop]
    return kept


def _join(op: Join, reads: list[Array], kept: list[Array], _: Any) -> list[Array]:
    window = np.concatenate([*kept, *reads])
    return [window, window[len(window) - len(kept[0]) :]]


def _delay(op: Delay, reads: list[Array], kept: list[Array], _: Any) -> list[Array]:
    rows = np.concatenate([*kept, *reads])
    return [rows[: len(reads[0])], rows[len(reads[0]) :]]


def _convolve(op: Convolve, reads: list[Array], kept: list[Array], weights: list[Array]) -> Any:
    window, weight = reads[0], weights[0]
    reach = (op.kernel - 1) * op.dilation + 1
    outputs = []
    for start in range(op.first, len(window) - reach + 1, op.stride):
        taps = window[start : start + reach : op.dilation]  # [k, C_in]
        out, per_group = weight.shape[:2]
        each = out // op.groups
        parts = [
            np.einsum(
                "oik,ki->o",
                weight[g * each : (g + 1) * each],
                taps[:, g * per_group : (g + 1) * per_group],
            )
            for g in range(op.groups)
        ]
        outputs.append(np.concatenate(parts) + (weights[1] if len(weights) > 1 else 0))
    return [np.array(outputs)]


def _transposed(
    op: ConvolveTransposed, reads: list[Array], kept: list[Array], weights: list[Array]
) -> list[Array]:
    x, weight = reads[0], weights[0]
    ins, per_group, _ = weight.shape
    width, each = per_group * op.groups, ins // op.groups
    sums = np.zeros((len(x) * op.stride + op.kernel - op.stride, width))
    for tail in kept:
        sums[: len(tail)] += tail
    for t, row in enumerate(x):
        for g in range(op.groups):
            taps = np.einsum(
                "i,iok->ko", row[g * each : (g + 1) * each], weight[g * each : (g + 1) * each]
            )
            columns = slice(g * per_group, (g + 1) * per_group)
            sums[t * op.stride : t * op.stride + op.kernel, columns] += taps
    ready = len(x) * op.stride
    bias = weights[1] if len(weights) > 1 else 0
    return [sums[:ready] + bias, *[sums[ready:] for _ in kept]]


def _activate(op: Activate, reads: list[Array], kept: Any, weights: list[Array]) -> list[Array]:
    return [ACTIVATIONS[op.kind](reads[0], dict(op.parameters), *weights)]


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


ACTIVATIONS: dict[str, Callable[..., Array]] = {
    "elu": lambda x, p: np.where(x > 0, x, p["alpha"] * np.expm1(np.minimum(x, 0))),
    "relu": lambda x, p: np.maximum(x, 0),
    "leaky_relu": lambda x, p: np.where(x > 0, x, p["negative_slope"] * x),
    "prelu": lambda x, p, a: np.where(x > 0, x, a * x),
    "gelu": lambda x, p: x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "silu": lambda x, p: x * _sigmoid(x),
    "tanh": lambda x, p: np.tanh(x),
    "sigmoid": lambda x, p: _sigmoid(x),
    "snake": lambda x, p, a: x + np.sin(a * x) ** 2 / (a + 1e-9),
}


def _recur(op: Recur, reads: list[Array], kept: list[Array], weights: list[Array]) -> list[Array]:
    w_ih, w_hh, b_ih, b_hh = weights
    hidden, outputs = kept[0][0], []
    cell = kept[1][0] if op.kind == "lstm" else None
    for row in reads[0]:
        from_x, from_h = w_ih @ row + b_ih, w_hh @ hidden + b_hh
        if op.kind == "lstm":
            i, f, g, o = np.split(from_x + from_h, 4)
            cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
            hidden = _sigmoid(o) * np.tanh(cell)
        else:
            (r_x, z_x, n_x), (r_h, z_h, n_h) = np.split(from_x, 3), np.split(from_h, 3)
            reset, update = _sigmoid(r_x + r_h), _sigmoid(z_x + z_h)
            hidden = (1 - update) * np.tanh(n_x + reset * n_h) + update * hidden
        outputs.append(hidden)
    new = [hidden[None]] if cell is None else [hidden[None], cell[None]]
    return [np.reshape(outputs, (-1, len(hidden))), *new]


def _search(op: Search, reads: list[Array], kept: Any, weights: list[Array]) -> list[Array]:
    codebook = weights[0]
    scores = (codebook**2).sum(1) / 2 - reads[0] @ codebook.T
    return [scores.argmin(1)[:, None]]


RULES: dict[type, Callable[..., list[Array]]] = {
    Join: _join,
    Delay: _delay,
    Convolve: _convolve,
    ConvolveTransposed: _transposed,
    Activate: _activate,
    Add: lambda op, reads, kept, weights: [reads[0] + reads[1]],
    Subtract: lambda op, reads, kept, weights: [reads[0] - reads[1]],
    Search: _search,
    Lookup: lambda op, reads, kept, weights: [weights[0][reads[0][:, 0]]],
}


def encoded(program: Program, audio: Array, layers: int = 99) -> Array:
    """Return the indices ``[n, F]`` of ``audio [C, T]`` as a program gives them frame by frame."""
    stream, samples = Interpreter(program), audio.shape[1]
    hop = program.values["audio"].rows
    frames = -(-samples // hop)
    late = -(-program.output.lag // program.output.rows)
    padded = np.zeros((audio.shape[0], (frames + late) * hop))
    padded[:, :samples] = audio
    out = []
    for frame in range(frames + late):
        chunk = padded[:, frame * hop : (frame + 1) * hop].T
        end = samples if (frame + 1) * hop > samples else None
        out.append(np.array(stream.run([chunk], end, layers))[:, :, 0])
    return np.concatenate(out[late:], 1)[:layers]


def decoded(program: Program, codes: Array) -> Array:
    """Return the audio ``[C, T]`` of indices ``[n, F]``, frame by frame."""
    stream, frames = Interpreter(program), codes.shape[1]
    lag, hop = program.output.lag, program.output.rows
    late = -(-lag // hop)
    out = []
    for frame in range(frames + late):
        row = codes[:, min(frame, frames - 1)]
        end = frames if frame >= frames else None
        out.append(stream.run([np.array([[int(i)]]) for i in row], end, len(row))[0])
    audio = np.concatenate(out)[lag : lag + frames * hop]
    assert steps_of(program.output.length, frames) == len(audio)
    return audio.T
