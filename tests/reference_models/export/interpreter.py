"""A plain interpreter of programs in double precision, which the tests compare engines with."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reference_models.export.operations.attention import Attend
from reference_models.export.operations.convolutions import Convolve, ConvolveTransposed
from reference_models.export.operations.noise import AddNoise
from reference_models.export.operations.operation import Operation, WithMemory
from reference_models.export.operations.pointwise import (
    Activate,
    Add,
    Gate,
    Normalise,
    Scale,
    Subtract,
)
from reference_models.export.operations.quantizers import Lookup, Rescale, Round, Search
from reference_models.export.operations.recurrent import Recur
from reference_models.export.operations.rows import (
    Average,
    Concatenate,
    Delay,
    Join,
    Repeat,
    Select,
    Shuffle,
)
from reference_models.export.operations.transforms import (
    Analyse,
    FromPolar,
    Magnitude,
    OnSpectra,
    Synthesise,
    ToPolar,
)
from reference_models.export.program import Program
from reference_models.export.signal import steps_of
from reference_models.nn.layers.noise import gaussian

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
        values = dict(zip(self.program.inputs, inputs, strict=True))
        for op in self.program.operations:
            value = self.program.values[op.writes]
            dtype = int if value.is_index else float
            result = np.zeros((value.rows, value.columns), dtype)
            if op.layer < layers:
                result = self._result(op, [values[name] for name in op.reads], end)
            assert result.shape == (value.rows, value.columns), (op, result.shape)
            values[op.writes] = result
        self.frame += 1
        return [values[name] for name in self.program.outputs]

    def _result(self, op: Operation, reads: list[Array], end: int | None) -> Array:
        kept = [self.states[name] for name in op.keeps]
        weights = [self.constants[name] for name in op.constants]
        if isinstance(op, WithMemory):
            inside = op.valid.within(self.frame, end)
            reads = [_zeroed(reads[0], inside), *reads[1:]]
        if isinstance(op, Attend):
            result, *new = self._attend(op, reads[0], kept, weights, end)
        elif isinstance(op, AddNoise):
            steps = torch.tensor(kept[0][0].astype(int)) + torch.arange(len(reads[0]))
            noise = gaussian(steps - inside.start, op.seed).numpy()[:, None]
            result, new = reads[0] + noise * reads[1], [kept[0] + len(reads[0]) - inside.start]
        elif isinstance(op, Recur):  # the steps before the clip are left out
            result, *new = _recur(op, [reads[0][inside.start :]], kept, weights)
            result = np.concatenate([np.zeros((inside.start, result.shape[1])), result])
        else:
            result, *new = RULES[type(op)](op, reads, kept, weights)
        if isinstance(op, Select):
            result = result[:, : self.program.values[op.writes].columns]
        for name, state in zip(op.keeps, new, strict=True):
            assert state.shape == self.states[name].shape, name
            self.states[name] = state
        return result

    def _attend(
        self, op: Attend, x: Array, kept: list[Array], weights: list[Array], end: int | None
    ) -> list[Array]:
        queries, keys, values = np.split(x, 3, 1)
        past, count = op.window - 1 + op.look_ahead, len(x)
        steps = self.frame * count - op.valid.lag + np.arange(-past, count)
        if op.rotary:
            queries, keys = (_turned(each, op.heads, steps[past:]) for each in (queries, keys))
        states = dict(zip(op.keeps, kept, strict=True))
        sizes = {"keys": past, "values": past, "queries": op.look_ahead}
        old = {
            name: states.get(f"{op.row}.{name}", np.zeros((size, queries.shape[1])))
            for name, size in sizes.items()
        }
        new = {"keys": keys, "values": values, "queries": queries}
        known = {name: np.concatenate([old[name], new[name]]) for name in sizes}
        inside = steps >= 0
        if end is not None:
            inside &= steps < steps_of(op.valid.length, end)
        result = np.zeros((count, queries.shape[1]))
        for i in range(count):
            allowed = np.flatnonzero(inside[i : i + past + 1]) + i
            for head, columns in enumerate(np.split(np.arange(result.shape[1]), op.heads)):
                scores = known["keys"][np.ix_(allowed, columns)] @ known["queries"][i, columns]
                scores = scores / math.sqrt(len(columns))
                scores = scores + (weights[0][head, allowed - i] if weights else 0)
                shares = np.exp(scores - scores.max(initial=-np.inf)) if len(allowed) else scores
                result[i, columns] = (
                    shares @ known["values"][np.ix_(allowed, columns)] / (shares.sum() or 1)
                )
        return [result, *[known[name.rpartition(".")[2]][count:] for name in op.keeps]]


def _turned(x: Array, heads: int, steps: Array) -> Array:
    turned = []
    for part in np.split(x, heads, 1):
        first, second = np.split(part, 2, 1)
        pairs = first.shape[1]
        angle = steps[:, None] * 10_000.0 ** -(np.arange(pairs) / pairs)
        turned.append(first * np.cos(angle) - second * np.sin(angle))
        turned.append(first * np.sin(angle) + second * np.cos(angle))
    return np.concatenate(turned, 1)


def _zeroed(x: Array, inside: range) -> Array:
    kept = np.zeros_like(x)
    kept[inside.start : inside.stop] = x[inside.start : inside.stop]
    return kept


def _join(op: Join, reads: list[Array], kept: list[Array], _: Any) -> list[Array]:
    window = np.concatenate([*kept, *reads])
    return [window, *[window[len(window) - len(state) :] for state in kept]]


def _delay(op: Delay, reads: list[Array], kept: list[Array], _: Any) -> list[Array]:
    rows = np.concatenate([*kept, *reads])
    return [rows[: len(reads[0])], rows[len(reads[0]) :]]


def _convolve(op: Convolve, reads: list[Array], kept: list[Array], weights: list[Array]) -> Any:
    window, weight = reads[0], weights[0]
    reach = (op.kernel - 1) * op.dilation + 1
    starts = np.arange(op.first, len(window) - reach + 1, op.stride)
    taps = window[starts[:, None] + op.dilation * np.arange(op.kernel)]  # [T, k, C_in]
    by_group = zip(np.split(weight, op.groups), np.split(taps, op.groups, 2), strict=True)
    parts = [np.tensordot(each, w, ((1, 2), (2, 1))) for w, each in by_group]
    return [np.concatenate(parts, 1) + (weights[1] if len(weights) > 1 else 0)]


def _transposed(
    op: ConvolveTransposed, reads: list[Array], kept: list[Array], weights: list[Array]
) -> list[Array]:
    x, weight = reads[0], weights[0]
    width = weight.shape[1] * op.groups
    sums = np.zeros((len(x) * op.stride + op.kernel - op.stride, width))
    for tail in kept:
        sums[: len(tail)] += tail
    by_group = zip(np.split(x, op.groups, 1), np.split(weight, op.groups), strict=True)
    taps = np.concatenate([np.tensordot(part, w, 1) for part, w in by_group], 1)  # [T, C_out, k]
    for t, each in enumerate(taps):
        sums[t * op.stride : t * op.stride + op.kernel] += each.T
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


def _normalise(op: Normalise, reads: list[Array], kept: Any, weights: list[Array]) -> list[Array]:
    x = reads[0]
    if op.centred:
        x = x - x.mean(1, keepdims=True)
    y = x / np.sqrt((x**2).mean(1, keepdims=True) + op.epsilon) * weights[0]
    return [y + weights[1] if op.centred else y]


def _shuffle(op: Shuffle, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    rows, columns = reads[0].shape
    y = np.zeros((rows * op.factor, columns // op.factor))
    for j in range(op.factor):
        y[j :: op.factor] = reads[0][:, j :: op.factor]
    return [y]


def _gate(op: Gate, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    half = reads[0].shape[1] // 2
    return [reads[0][:, :half] * _sigmoid(reads[0][:, :half]) * reads[0][:, half:]]


def _round(op: Round, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    index, place = np.zeros(len(reads[0]), int), 1
    for column, (count, finer) in enumerate(zip(op.counts, op.finer, strict=True)):
        x = reads[0][:, column] * finer
        half, offset = (count - 1) * 1.001 / 2, 0.5 if count % 2 == 0 else 0.0
        level = np.round(np.tanh(x + np.arctanh(offset / half)) * half - offset)
        if op.signs:
            level = np.where((x - 1) / 2 > -0.5, 0, -1)
        index += (level.astype(int) + count // 2) * place
        place *= count
    return [index[:, None]]


def _rescale(op: Rescale, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    rest, columns = reads[0][:, 0], []
    for count, finer in zip(op.counts, op.finer, strict=True):
        level = rest % count - count // 2
        columns.append((2 * level + 1 if op.signs else level / (count // 2)) / finer)
        rest = rest // count
    return [np.array(columns, float).T]


def _basis(transform: str, window: int) -> Array:
    """Return the matrix ``[values, window]`` from a frame to its spectrum, as it is defined."""
    n, hop = np.arange(window), window // 2
    if transform == "cosine":
        angles = np.pi / hop * np.outer(np.arange(hop) + 0.5, n + (hop + 1) / 2)
        return math.sqrt(2 / hop) * np.cos(angles)
    turns = np.outer(np.arange(window // 2 + 1), n) % window  # whole turns change nothing
    # Rounded, as what is zero in them decides the sign of a phase of pi.
    spectra = np.exp(-2j * np.pi / window * turns).round(15)
    return np.concatenate([spectra.real, spectra.imag])


def _inverse_basis(transform: str, window: int) -> Array:
    """Return the matrix ``[window, values]`` from a spectrum to its frame."""
    if transform == "cosine":
        return _basis(transform, window).T
    both = np.arange(window // 2 + 1)
    shares = np.where(both == -both % window, 1, 2) / window  # a bin and its conjugate count twice
    return (_basis(transform, window) * np.tile(shares, 2)[:, None]).T


def _analyse(op: Analyse, reads: list[Array], kept: Any, weights: list[Array]) -> list[Array]:
    x, window = reads[0], weights[0]
    starts = np.arange(0, len(x) - len(window) + 1, op.hop)
    frames = x[starts[:, None] + np.arange(len(window))] * window[:, None]  # [T, N, C]
    spectra = np.einsum("kn,tnc->tck", _basis(op.transform, len(window)), frames)
    return [spectra.reshape(len(spectra), -1)]


def _synthesise(
    op: Synthesise, reads: list[Array], kept: list[Array], weights: list[Array]
) -> list[Array]:
    inverse = weights[0][:, None] * _inverse_basis(op.transform, len(weights[0]))
    rows, (window, values) = len(reads[0]), inverse.shape
    frames = np.einsum("nk,tck->tnc", inverse, reads[0].reshape(rows, -1, values))
    sums = np.zeros(((rows - 1) * op.hop + window, frames.shape[2]))
    for tail in kept:
        sums[: len(tail)] += tail
    for t, frame in enumerate(frames):
        sums[t * op.hop : t * op.hop + window] += frame
    return [sums[: rows * op.hop], *[sums[rows * op.hop :] for _ in kept]]


def _halves(op: OnSpectra, x: Array) -> list[Array]:
    """Return the two halves of each spectrum, ``[rows, spectra, bins]``."""
    return np.split(x.reshape(len(x), op.spectra, -1), 2, 2)


def _logarithm(op: Magnitude | ToPolar, x: Array) -> Array:
    real, imaginary = _halves(op, x)
    return np.log(np.maximum(real**2 + imaginary**2, op.floor)) / 2


def _magnitude(op: Magnitude, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    logarithm = _logarithm(op, reads[0]).reshape(len(reads[0]), -1)
    return [logarithm if op.is_logarithmic else np.exp(logarithm)]


def _to_polar(op: ToPolar, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    real, imaginary = _halves(op, reads[0])
    phases = np.arctan2(imaginary + 0.0, real + 0.0)  # zeros without a sign
    polar = np.concatenate([_logarithm(op, reads[0]), phases], 2)
    return [polar.reshape(len(polar), -1)]


def _from_polar(op: FromPolar, reads: list[Array], kept: Any, weights: Any) -> list[Array]:
    logarithm, phases = _halves(op, reads[0])
    magnitude = np.minimum(np.exp(logarithm), op.ceiling)
    parts = np.concatenate([magnitude * np.cos(phases), magnitude * np.sin(phases)], 2)
    return [parts.reshape(len(parts), -1)]


RULES: dict[type, Callable[..., list[Array]]] = {
    Join: _join,
    Delay: _delay,
    Convolve: _convolve,
    ConvolveTransposed: _transposed,
    Activate: _activate,
    Add: lambda op, reads, kept, weights: [reads[0] + reads[1]],
    Subtract: lambda op, reads, kept, weights: [reads[0] - reads[1]],
    Search: _search,
    Scale: lambda op, reads, kept, weights: [reads[0] * weights[0]],
    Normalise: _normalise,
    Gate: _gate,
    Concatenate: lambda op, reads, kept, weights: [np.concatenate(reads, 1)],
    Repeat: lambda op, reads, kept, weights: [np.repeat(reads[0], op.factor, 0)],
    Shuffle: _shuffle,
    Average: lambda op, reads, kept, weights: [
        reads[0].reshape(-1, op.count, reads[0].shape[1]).mean(1)
    ],
    Select: lambda op, reads, kept, weights: [reads[0][:, op.first :]],
    Round: _round,
    Rescale: _rescale,
    Analyse: _analyse,
    Synthesise: _synthesise,
    Magnitude: _magnitude,
    ToPolar: _to_polar,
    FromPolar: _from_polar,
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
        out.append(np.concatenate(stream.run([chunk], end, layers))[:, 0])
    return np.array(out[late:]).T


def _by_value(program: Program, codes: Array) -> list[Array]:
    """Return the indices of a frame as the values that come in; those that are missing are 0."""
    found = []
    for name in program.inputs:
        rows = program.values[name].rows
        found.append(np.resize(codes[:rows], (rows, 1)) if len(codes) else np.zeros((rows, 1), int))
        codes = codes[rows:]
    return found


def decoded(program: Program, codes: Array, layers: int = 99) -> Array:
    """Return the audio ``[C, T]`` of indices ``[n, F]``, frame by frame."""
    stream, frames = Interpreter(program), codes.shape[1]
    lag, hop = program.output.lag, program.output.rows
    late = -(-lag // hop)
    out = []
    for frame in range(frames + late):
        row = codes[:, min(frame, frames - 1)]
        end = frames if frame >= frames else None
        out.append(stream.run(_by_value(program, row), end, layers)[0])
    audio = np.concatenate(out)[lag : lag + frames * hop]
    assert steps_of(program.output.length, frames) == len(audio)
    return audio.T
