"""Packing of codeword indices into bytes. Shapes: ``[n, F]`` is n layers by F frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def payload_bytes(frames: int, layers: int, bits_per_index: int) -> int:
    """Return the bytes of a payload: whole bits per index, padded once, at the very end."""
    return -(-frames * layers * bits_per_index // 8)


class IndexPacker:
    """Packs indices that arrive in chunks of any number of frames; holds back under one byte."""

    def __init__(self, bits_per_index: int) -> None:
        self._shifts = np.arange(bits_per_index - 1, -1, -1)
        self._held_bits = np.zeros(0, dtype=np.uint8)

    def push(self, indices: Indices) -> bytes:
        """Return the whole bytes that are ready after the frames of ``indices [n, F]``.

        Raises:
            ValueError: an index does not fit into the bits of one.
        """
        if indices.size and not 0 <= indices.min() <= indices.max() < 1 << len(self._shifts):
            raise ValueError(f"an index takes {len(self._shifts)} bits")
        bits = (indices.T[..., np.newaxis] >> self._shifts & 1).astype(np.uint8)
        waiting = np.concatenate([self._held_bits, bits.ravel()])
        ready = len(waiting) // 8 * 8
        self._held_bits = waiting[ready:]
        return np.packbits(waiting[:ready]).tobytes()

    def finish(self) -> bytes:
        """Return the last byte, padded with zeros; empty if nothing was held back."""
        last = np.packbits(self._held_bits).tobytes()
        self._held_bits = self._held_bits[:0]
        return last


def unpack(payload: bytes, layers: int, bits_per_index: int) -> Indices:
    """Return every whole frame of ``payload``, which starts with a frame, as indices ``[n, F]``."""
    bits = np.unpackbits(np.frombuffer(payload, dtype=np.uint8))
    frames = len(bits) // (layers * bits_per_index)
    of_each = bits[: frames * layers * bits_per_index].reshape(frames, layers, bits_per_index)
    place_values = 1 << np.arange(bits_per_index - 1, -1, -1, dtype=np.int64)
    return np.ascontiguousarray((of_each @ place_values).T)
