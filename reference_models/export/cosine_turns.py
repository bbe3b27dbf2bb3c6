"""The factors by which a cosine transform turns complex values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cosine_turns(size: int) -> NDArray[np.complex128]:
    """Return the factors before and after an inverse Fourier transform of ``size / 2`` values.

    With them it is a cosine transform of ``size`` values, if it is not divided by their number. See
    :class:`reference_models.nn.layers.spectra.CosineTransform`.
    """
    angles = np.pi / size * (np.arange(size // 2) + 0.125) - np.pi / 4
    turns: NDArray[np.complex128] = (2 / size) ** 0.25 * np.exp(1j * angles)
    return turns
