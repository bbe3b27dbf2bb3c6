"""Packing of weights as the products in C read them, in panels of outputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PANEL_WIDTHS = (16, 8, 4, 1)
"""Outputs of a panel; the widest that fits comes first."""


def packed(matrix: Floats) -> Floats:
    """Return the weights ``[outputs, inputs]`` panel by panel, and in each input by input."""
    panels, first = [], 0
    for width in PANEL_WIDTHS:
        while len(matrix) - first >= width:
            panels.append(matrix[first : first + width].T.ravel())
            first += width
    return np.concatenate(panels)


def packed_convolution(weight: Floats, groups: int) -> Floats:
    """Return the packed weights of a convolution, ``[C_out, C_in / groups, kernel]``."""
    by_tap = weight.transpose(0, 2, 1).reshape(groups, -1, weight.shape[1] * weight.shape[2])
    return np.concatenate([packed(group) for group in by_tap])


def packed_transposed(weight: Floats, groups: int) -> Floats:
    """Return the packed weights of a transposed convolution, ``[C_in, C_out / groups, kernel]``.

    Of one group they are those of a linear map to all taps of the output. The taps of several
    groups lie apart in the result, so each tap has a map of its own.
    """
    inputs, outputs, kernel = weight.shape
    by_group = weight.reshape(groups, inputs // groups, outputs, kernel)
    if groups == 1:
        return packed(by_group[0].transpose(2, 1, 0).reshape(kernel * outputs, inputs))
    by_tap = by_group.transpose(3, 0, 2, 1)
    return np.concatenate([packed(matrix) for tap in by_tap for matrix in tap])


def halved_energies(codebook: Floats) -> Floats:
    """Return ``|e|^2 / 2`` of each codeword, as the sums of two floats: first all larger ones."""
    energies = np.square(codebook.astype(np.float64)).sum(1) / 2
    larger = energies.astype(np.float32)
    return np.concatenate([larger, (energies - larger).astype(np.float32)])
