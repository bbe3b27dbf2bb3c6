"""Convolutions of the rows of a frame with those that were kept."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.operations.operation import Operation, WithMemory


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
