"""Rounding of weights to 8 bits, with a scale for each channel, and what it shifts on average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_models.export.operations.convolutions import Convolve, ConvolveTransposed
from reference_models.export.program import Program

LEVELS = 127
"""The largest whole number that a weight becomes."""
Means = Mapping[str, NDArray[np.float32]]
"""The mean of each column of values, over the time of some audio."""


def read_by_products(program: Program) -> tuple[str, ...]:
    """Return the values of which weights in 8 bits need the means."""
    products = (op for op in program.operations if isinstance(op, Convolve | ConvolveTransposed))
    return tuple(sorted({op.reads[0] for op in products}))


def quantize(
    values: NDArray[np.floating], axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights as whole numbers of 8 bits, and the scale of each channel along ``axis``."""
    others = tuple(other for other in range(values.ndim) if other != axis)
    largest = np.abs(values).max(others, keepdims=True)
    scale = np.where(largest > 0, largest / LEVELS, 1).astype(np.float32)
    return np.round(values / scale).astype(np.int8), scale.reshape(-1)


def lost(
    matrix: NDArray[np.floating], axis: int, means: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return by how much products with a rounded ``matrix`` are too low on average.

    It holds the weights of one channel of the output along ``axis``. Along the other axis, columns
    with these ``means`` follow each other for each tap. A bias makes up for it.
    """
    whole, scale = quantize(matrix, axis)
    error: NDArray[Any] = np.moveaxis(matrix - whole * np.expand_dims(scale, 1 - axis), axis, 0)
    return np.asarray(error @ np.tile(means, error.shape[1] // len(means)), np.float32)
