"""The kinds of operations of a program.

They are defined on values ``[rows, columns]``: time steps by channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference_models.export.signal import ValidRows

Transform = Literal["fourier", "cosine"]
"""A transform between samples and spectra."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: what it reads and keeps, and the value that it writes."""

    row: str
    """Name of the ledger's row that it is a part of."""
    reads: tuple[str, ...]
    """Names of values."""
    writes: str
    """Name of a value, which no other operation writes."""
    keeps: tuple[str, ...] = ()
    """Names of states, which it reads and then replaces."""
    constants: tuple[str, ...] = ()
    """Names of constants."""
    layer: int = 0
    """The quantizer layer that it belongs to. While no more layers than that are active, its result
    is zeros."""


@dataclass(frozen=True, kw_only=True)
class WithMemory(Operation):
    """An operation to which it matters whether a row of its input is a step of the clip."""

    valid: ValidRows
    """Those that are, in the first value that it reads."""

    @property
    def start_frames(self) -> int:
        """Frames at the start of a stream in which some rows are none."""
        return self.valid.start_frames


@dataclass(frozen=True, kw_only=True)
class Join(WithMemory):
    """Put the kept rows before those of the input; keep as many of the last rows.

    In the input, rows that are not ``valid`` count as zeros. It may keep none.
    """


@dataclass(frozen=True, kw_only=True)
class Delay(Operation):
    """Give the kept rows and then those of the input, as many as the input has; keep the rest."""


@dataclass(frozen=True, kw_only=True)
class Convolve(Operation):
    """Write a convolution: output row ``t`` reads the rows ``first + t stride + j dilation``.

    Constants: weight ``[C_out, C_in / groups, kernel]``, and a bias ``[C_out]`` if it has one. A
    linear map is a convolution with a kernel of 1.
    """

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    first: int = 0


@dataclass(frozen=True, kw_only=True)
class ConvolveTransposed(WithMemory):
    """Write a transposed convolution, overlapping and adding.

    Input row ``t`` adds to the sums ``t stride`` to ``t stride + kernel - 1``. The sums that were
    kept are the first; the first ``rows stride`` of all, plus bias, are written, and the others are
    kept. Input rows that are not ``valid`` count as zeros. Constants: weight
    ``[C_in, C_out / groups, kernel]``, and a bias ``[C_out]`` if it has one.
    """

    kernel: int
    stride: int
    groups: int


@dataclass(frozen=True, kw_only=True)
class Activate(Operation):
    """Write a pointwise activation of the design's kinds.

    Constants: its learned values, one a channel or a single one.
    """

    kind: str
    parameters: tuple[tuple[str, float], ...]
    """All of its parameters, the defaults included."""


@dataclass(frozen=True, kw_only=True)
class Add(Operation):
    """Write the sum of two values."""


@dataclass(frozen=True, kw_only=True)
class Subtract(Operation):
    """Write the first value minus the second."""


@dataclass(frozen=True, kw_only=True)
class Scale(Operation):
    """Write the value with each column times a constant ``[C]``."""


@dataclass(frozen=True, kw_only=True)
class Normalise(Operation):
    """Write each row over its root mean square, after its mean is subtracted if it is ``centred``.

    ``epsilon`` is added to the mean square. Constants: a factor ``[C]`` for each column, and a
    shift ``[C]`` if it is centred.
    """

    centred: bool
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class Gate(Operation):
    """Write the first half of the columns, behind a SiLU, times the second half."""


@dataclass(frozen=True, kw_only=True)
class Concatenate(Operation):
    """Write the columns of all values side by side."""


@dataclass(frozen=True, kw_only=True)
class Select(Operation):
    """Write the columns from ``first`` on, as many as the result has."""

    first: int


@dataclass(frozen=True, kw_only=True)
class Repeat(Operation):
    """Write each row ``factor`` times."""

    factor: int


@dataclass(frozen=True, kw_only=True)
class Shuffle(Operation):
    """Write ``factor`` rows for each: column ``c`` of row ``j`` of them is ``c factor + j``."""

    factor: int


@dataclass(frozen=True, kw_only=True)
class Average(Operation):
    """Write the mean of every ``count`` rows."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Attend(WithMemory):
    """Write the attention of each step to a window of steps.

    The columns of the input are queries, keys and values, a third each, and within each of them
    head by head. It keeps keys and values ``[window - 1 + look_ahead, C]``, and queries
    ``[look_ahead, C]`` if there is a look-ahead. Query ``i`` of those kept and new attends to the
    keys ``i`` to ``i + window - 1 + look_ahead`` of those kept and new, except to steps outside the
    clip: new key ``i`` is one if row ``i`` is not ``valid``, and those before it are older steps.
    Scores are products over ``sqrt(C / heads)``; the softmax of them weighs the values. A step that
    may attend to none gives zeros.

    Before that, ``rotary`` turns queries and keys by their step in the clip: of the two halves of a
    head's columns, the pair ``p`` of ``P`` turns by ``10000 ** (-p / P)`` in each step. Constant:
    with a learned position, what is added to the scores of a head, ``[heads, keys]``.
    """

    window: int
    look_ahead: int
    heads: int
    rotary: bool

    @property
    def start_frames(self) -> int:
        """Frames in which some window reaches beyond the first step."""
        past = self.window - 1 + self.look_ahead
        return -(-(self.valid.lag + past) // self.valid.rows)


@dataclass(frozen=True, kw_only=True)
class AddNoise(WithMemory):
    """Write the first value plus the second times a random value for each row.

    The random values are :func:`reference_models.nn.layers.noise.gaussian` of the row's step in the
    clip. It keeps the number of the next step, ``[1, 1]``, which stays 0 before the clip begins.
    """

    seed: int


@dataclass(frozen=True, kw_only=True)
class Recur(WithMemory):
    """Write the hidden vectors of one recurrent layer, step by step.

    It keeps the hidden vector ``[1, H]``, of an LSTM also the cell. Rows before the first ``valid``
    one leave the state at zero. Constants: ``weight_ih [G H, C]``, ``weight_hh [G H, H]``,
    ``bias_ih [G H]`` and ``bias_hh [G H]`` with torch's order of gates.
    """

    kind: Literal["lstm", "gru"]


@dataclass(frozen=True, kw_only=True)
class Search(Operation):
    """Write the index of the nearest codeword to each row, the first of equals.

    That is the smallest ``|e|^2 / 2 - x.e``. Constant: codebook ``[K, d]``.
    """


@dataclass(frozen=True, kw_only=True)
class Lookup(Operation):
    """Write the table's row of each index. Constant: table ``[K, D]``."""


@dataclass(frozen=True, kw_only=True)
class ScalarCode(Operation):
    """An operation on whole levels, one for each column.

    A level lies between ``-(count // 2)`` and that plus ``count - 1``. The index of a row is the
    sum of its digits ``level + count // 2``, each times the counts of the columns before it.
    """

    counts: tuple[int, ...]
    """Levels of each column."""
    finer: tuple[float, ...]
    """The unit of a column's level is the inverse of this."""
    signs: bool
    """Whether the two levels -1 and 0 stand for the signs of a value."""


@dataclass(frozen=True, kw_only=True)
class Round(ScalarCode):
    """Write the index of each row's nearest levels.

    The level of ``x`` is the nearest whole number, an even one of two, to
    ``tanh(x finer + atanh(offset / half)) half - offset`` with
    ``half = (count - 1) 1.001 / 2`` and ``offset`` 1/2 for an even count and else 0. Of ``signs``
    it is 0 if ``(x finer - 1) / 2 > -1 / 2``, and else -1.
    """


@dataclass(frozen=True, kw_only=True)
class Rescale(ScalarCode):
    """Write the values that each index stands for.

    A level stands for ``level / (count // 2) / finer``, that of a sign for
    ``(2 level + 1) / finer``.
    """


@dataclass(frozen=True, kw_only=True)
class Analyse(Operation):
    """Write the spectra of frames: those of row ``t`` are of the rows from ``t hop`` on.

    A frame has ``N`` rows, as its window has; that is the constant ``[N]``, with which each column
    is multiplied. The spectra of the columns stand side by side.

    * ``fourier``: ``X[k] = sum x[n] exp(-2 pi i k n / N)`` of ``k`` up to ``N // 2``; all real
      parts, then all imaginary parts.
    * ``cosine``, with ``N = 2 hop``:
      ``X[k] = sqrt(2 / hop) sum x[n] cos(pi / hop (n + (hop + 1) / 2) (k + 1 / 2))`` of ``k`` below
      ``hop``.
    """

    transform: Transform
    hop: int


@dataclass(frozen=True, kw_only=True)
class Synthesise(WithMemory):
    """Write the sums of frames made of spectra, which :class:`Analyse` defines.

    Input row ``t`` adds to the sums ``t hop`` to ``t hop + N - 1``. The sums that were kept are the
    first; the first ``rows hop`` of all are written, and the others are kept. Input rows that are
    not ``valid`` count as zeros. Constant: a window ``[N]``, with which each frame is multiplied.

    * ``fourier``: ``x[n]`` is the real part of ``sum X[k] exp(2 pi i k n / N) / N`` with
      ``X[N - k]`` conjugate to ``X[k]``; the imaginary parts of ``X[0]`` and ``X[N / 2]`` are
      ignored.
    * ``cosine``: ``x[n]`` is the sum of :class:`Analyse` over ``k`` in place of ``n``.
    """

    transform: Transform
    hop: int


@dataclass(frozen=True, kw_only=True)
class OnSpectra(Operation):
    """An operation on complex spectra side by side."""

    spectra: int
    """How many."""


@dataclass(frozen=True, kw_only=True)
class Magnitude(OnSpectra):
    """Write the root of the energy of each bin, which is at least ``floor``, or its logarithm."""

    floor: float
    is_logarithmic: bool


@dataclass(frozen=True, kw_only=True)
class ToPolar(OnSpectra):
    """Write all logarithms of the magnitudes of a spectrum, as of :class:`Magnitude`, then phases.

    Phases lie above ``-pi`` and up to ``pi``, whatever the signs of zeros; that of zero is 0.
    """

    floor: float


@dataclass(frozen=True, kw_only=True)
class FromPolar(OnSpectra):
    """Write the complex spectra that logarithms and phases stand for.

    No magnitude is larger than ``ceiling``.
    """

    ceiling: float
