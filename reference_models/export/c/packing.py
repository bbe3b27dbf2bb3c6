"""Packing of weights as the products in C read them, in panels of outputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from reference_models.export.quantization import quantize

Floats = NDArray[np.float32]

PANEL_WIDTHS = (16, 8, 4, 1)
"""Outputs of a panel; the widest that fits comes first."""


def panels(matrix: Floats) -> Iterator[Floats]:
    """Yield the rows of each panel of weights ``[outputs, inputs]``."""
    first = 0
    for width in PANEL_WIDTHS:
        while len(matrix) - first >= width:
            yield matrix[first : first + width]
            first += width


def packed(matrix: Floats) -> Floats:
    """Return the weights ``[outputs, inputs]`` panel by panel, and in each input by input."""
    return np.concatenate([panel.T.ravel() for panel in panels(matrix)])


def packed_int8(matrix: Floats) -> bytes:
    """Return weights ``[outputs, inputs]`` in 8 bits: panels, each of scales and weights."""
    rounded = [quantize(panel, 0) for panel in panels(matrix)]
    return b"".join(_behind(scales, whole.T) for whole, scales in rounded)


def packed_table_int8(table: Floats) -> bytes:
    """Return a table ``[entries, columns]`` in 8 bits: the scales of its columns, then entries."""
    whole, scales = quantize(table, 1)
    return _behind(scales, whole)


def _behind(scales: Floats, whole: NDArray[np.int8]) -> bytes:
    """Return bytes behind scales, filled up to a multiple of 4."""
    content = whole.tobytes()
    return scales.astype("<f4").tobytes() + content + bytes(-len(content) % 4)


def matrices_of_convolution(weight: Floats, groups: int) -> list[Floats]:
    """Return weights ``[C_out, C_in / groups, kernel]`` as ``[outputs, inputs]`` of each group."""
    by_tap = weight.transpose(0, 2, 1).reshape(groups, -1, weight.shape[1] * weight.shape[2])
    return list(by_tap)


def matrices_of_transposed(weight: Floats, groups: int) -> list[Floats]:
    """Return the weights ``[C_in, C_out / groups, kernel]`` of a transposed convolution.

    Of one group they are those of a linear map to all taps of the output. The taps of several
    groups lie apart in the result, so each tap has a map of its own.
    """
    inputs, outputs, kernel = weight.shape
    by_group = weight.reshape(groups, inputs // groups, outputs, kernel)
    if groups == 1:
        return [by_group[0].transpose(2, 1, 0).reshape(kernel * outputs, inputs)]
    by_tap = by_group.transpose(3, 0, 2, 1)
    return [matrix for tap in by_tap for matrix in tap]


def halved_energies(codebook: Floats) -> Floats:
    """Return ``|e|^2 / 2`` of each codeword, as the sums of two floats: first all larger ones."""
    energies = np.square(codebook.astype(np.float64)).sum(1) / 2
    larger = energies.astype(np.float32)
    return np.concatenate([larger, (energies - larger).astype(np.float32)])
