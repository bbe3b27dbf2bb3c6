"""Whole frames out of audio that comes in blocks of any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from reference_models.audio.reading import Block


class Framer:
    """Holds back audio ``[C, T]`` until it fills a frame of ``hop_samples``."""

    def __init__(self, channels: int, hop_samples: int) -> None:
        self._hop_samples = hop_samples
        self._held: Block = np.zeros((channels, 0), np.float32)

    def push(self, block: Block) -> list[Block]:
        """Return the frames ``[C, hop]`` that ``block [C, any]`` completes."""
        waiting = np.concatenate([self._held, block], axis=1)
        ready = waiting.shape[1] // self._hop_samples * self._hop_samples
        self._held = waiting[:, ready:].copy()
        return [
            waiting[:, start : start + self._hop_samples]
            for start in range(0, ready, self._hop_samples)
        ]


def frames(blocks: Iterable[Block], channels: int, hop_samples: int) -> Iterator[Block]:
    """Yield the whole frames ``[C, hop]`` of audio that comes in ``blocks [C, T]``."""
    framer = Framer(channels, hop_samples)
    for block in blocks:
        yield from framer.push(block)
