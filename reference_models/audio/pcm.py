"""Conversion between samples of 16 bits and floating point of full scale 1.0, any shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32768


def to_pcm16(audio: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return ``audio`` in 16 bits; samples beyond full scale are clipped."""
    return np.rint(audio * FULL_SCALE).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def from_pcm16(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return ``samples`` as float32 from -1.0 to just below 1.0."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)
