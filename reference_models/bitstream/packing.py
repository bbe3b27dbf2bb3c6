"""Packing of indices into bytes. Shapes: ``[n, F]`` is n indices in each of F frames.

``index_bits`` are the bits of each of the n indices; all frames have the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def payload_bytes(frames: int, bits_per_frame: int) -> int:
    """Return the bytes of a payload: whole bits per index, padded once, at the very end."""
    return -(-frames * bits_per_frame // 8)


class IndexPacker:
    """Packs indices that arrive in chunks of any number of frames; holds back under one byte."""

    def __init__(self, index_bits: Sequence[int]) -> None:
        self._bits = np.array(index_bits, dtype=np.int64)
        self._which = np.repeat(np.arange(len(self._bits)), self._bits)
        self._shifts = _shifts(self._bits)
        self._held_bits = np.zeros(0, dtype=np.uint8)

    def push(self, indices: Indices) -> bytes:
        """Return the whole bytes that are ready after the frames of ``indices [n, F]``.

        Raises:
            ValueError: an index does not fit into its bits.
        """
        beyond = (indices < 0) | (indices >> self._bits[:, np.newaxis] > 0)
        if beyond.any():
            which = int(beyond.nonzero()[0][0])
            raise ValueError(f"index {which} of a frame takes {self._bits[which]} bits")
        bits = (indices.T[:, self._which] >> self._shifts & 1).astype(np.uint8)
        waiting = np.concatenate([self._held_bits, bits.ravel()])
        ready = len(waiting) // 8 * 8
        self._held_bits = waiting[ready:]
        return np.packbits(waiting[:ready]).tobytes()

    def finish(self) -> bytes:
        """Return the last byte, padded with zeros; empty if nothing was held back."""
        last = np.packbits(self._held_bits).tobytes()
        self._held_bits = self._held_bits[:0]
        return last


def unpack(payload: bytes, index_bits: Sequence[int]) -> Indices:
    """Return every whole frame of ``payload``, which starts with a frame, as indices ``[n, F]``."""
    widths = np.array(index_bits, dtype=np.int64)
    bits = np.unpackbits(np.frombuffer(payload, dtype=np.uint8))
    frames = len(bits) // int(widths.sum())
    of_each = bits[: frames * int(widths.sum())].reshape(frames, -1)
    values = of_each.astype(np.int64) << _shifts(widths)
    indices = np.add.reduceat(values, np.cumsum(widths) - widths, axis=1)
    return np.ascontiguousarray(indices.T)


def _shifts(bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each bit of a frame within its index, the highest first."""
    return np.concatenate([np.arange(width - 1, -1, -1) for width in bits])
