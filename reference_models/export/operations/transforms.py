"""Fourier and cosine transforms of frames, and forms of their spectra."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference_models.export.operations.operation import Operation, WithMemory

Transform = Literal["fourier", "cosine"]
"""A transform between samples and spectra."""


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
