"""Concealment of lost frames: what a receiver decodes in their place, and how loud."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices

FADE_MS = 60.0
"""Default time after which a loss is silent."""


class Substitute(NamedTuple):
    """Codes and level that take the place of those of a lost frame."""

    codes: Indices
    """``[n, 1]``, decoded as if they had come."""
    gain: float
    """Factor of the audio at the end of the frame; it gets there from the frame before linearly."""


class Concealment(Protocol):
    """A way to conceal losses: one object for each stream, told of every frame in order."""

    def received(self, codes: Indices) -> None:
        """Take notice of ``codes [n, 1]`` of a frame that came."""

    def lost(self) -> Substitute:
        """Return what takes the place of the next frame, which is lost; one has come before."""


class RepeatAndFade:
    """Repeats the codes of the last frame that came, and fades to silence."""

    def __init__(self, frame_ms: float, fade_ms: float = FADE_MS) -> None:
        self._fade_frames = fade_ms / frame_ms
        self._last: Indices = np.zeros((0, 1), np.int64)
        self._losses = 0

    def received(self, codes: Indices) -> None:
        """See :class:`Concealment`."""
        self._last, self._losses = codes, 0

    def lost(self) -> Substitute:
        """See :class:`Concealment`."""
        self._losses += 1
        return Substitute(self._last, max(1 - self._losses / self._fade_frames, 0.0))


class GainEnvelope:
    """The gains of frames, one after another, applied to audio that comes out later.

    A look-ahead makes a frame's audio come out with later frames; its gain waits for it.
    """

    def __init__(self, hop_samples: int) -> None:
        self._position = np.arange(1, hop_samples + 1) / hop_samples
        self._waiting: NDArray[np.float32] = np.zeros(0, np.float32)
        self._gain: float | None = None

    def frame(self, gain: float) -> None:
        """Add a frame at whose end the gain is ``gain``; the first one has it throughout."""
        before = gain if self._gain is None else self._gain
        ramp = before + (gain - before) * self._position
        self._waiting = np.concatenate([self._waiting, ramp.astype(np.float32)])
        self._gain = gain

    def apply(self, audio: Block) -> Block:
        """Return the next ``audio [C, T]`` with its gains."""
        gains, self._waiting = np.split(self._waiting, [audio.shape[1]])
        return audio * gains
