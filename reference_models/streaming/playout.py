"""The queue between a receiver and callbacks that take a fixed number of samples at a time."""

from __future__ import annotations

import numpy as np

from reference_models.audio.reading import Block


class PlayoutQueue:
    """Audio ``[C, T]`` that waits to be played."""

    def __init__(self, channels: int, silence_samples: int) -> None:
        """Begin with silence: ``StreamDelay.playout_samples``, and more if the network jitters."""
        self._waiting: Block = np.zeros((channels, silence_samples), np.float32)
        self.missing_samples = 0
        """Samples that were asked for before they had come; silence was played in their place."""

    def put(self, audio: Block) -> None:
        """Add ``audio [C, any]`` at the end."""
        self._waiting = np.concatenate([self._waiting, audio], axis=1)

    def take(self, samples: int) -> Block:
        """Return the next ``samples [C, samples]``, with silence for those that are missing."""
        taken, self._waiting = self._waiting[:, :samples], self._waiting[:, samples:]
        missing = samples - taken.shape[1]
        self.missing_samples += missing
        return np.pad(taken, ((0, 0), (0, missing)))
