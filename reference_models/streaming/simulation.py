"""Simulation of a codec on a device: one frame at a time, each frame timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reference_models.audio.reading import Block
from reference_models.streaming.framing import frames
from reference_models.streaming.live_codec import LiveCodec

WARM_UP_FRAMES = 20
"""Frames before the first one of the audio, in streams of their own; timed apart."""


class FrameTimes(NamedTuple):
    """The processing time of each frame, in seconds ``[F]``."""

    transmit_s: NDArray[np.float64]
    receive_s: NDArray[np.float64]

    @property
    def both_s(self) -> NDArray[np.float64]:
        """The sum of the two sides."""
        return self.transmit_s + self.receive_s


class Simulation(NamedTuple):
    """Times and delay of a stream on one engine."""

    warm_up: FrameTimes
    """Times of the first frames of the process."""
    times: FrameTimes
    """Times of the frames of the audio."""
    delay_samples: int | None
    """Largest delay of an output sample: input until it came, less the output before it; None if
    the audio was too short for any output."""


def simulate(
    live: LiveCodec,
    blocks: Iterable[Block],
    layers: int,
    advance: Callable[[int], object],
) -> Simulation:
    """Push audio that comes in ``blocks [C, T]`` through both sides, hop by hop.

    An incomplete hop at the end is left out. ``advance`` is called with the samples of each frame.
    """
    channels, hop = live.design.audio_channels, live.design.hop_samples
    silence = np.zeros((channels, hop), np.float32)
    warm_up, _ = _run(live, [silence] * WARM_UP_FRAMES, layers, lambda _: None)
    times, delay_samples = _run(live, frames(blocks, channels, hop), layers, advance)
    return Simulation(warm_up, times, delay_samples)


def _run(
    live: LiveCodec, audio: Iterable[Block], layers: int, advance: Callable[[int], object]
) -> tuple[FrameTimes, int | None]:
    """Run frames ``[C, hop]`` through streams of their own; return their times and delay."""
    hop = live.design.hop_samples
    times, delays, output_samples = [], [], 0
    for transmit_s, receive_s, ready_samples in _timed(live, audio, layers):
        times.append((transmit_s, receive_s))
        if ready_samples:
            delays.append(len(times) * hop - output_samples)
        output_samples += ready_samples
        advance(hop)
    columns = np.array(times, dtype=np.float64).reshape(-1, 2).T
    return FrameTimes(columns[0], columns[1]), max(delays, default=None)


def _timed(
    live: LiveCodec, audio: Iterable[Block], layers: int
) -> Iterator[tuple[float, float, int]]:
    """Yield the seconds of each side, and the samples that come out, for each frame."""
    transmit, receive = live.transmit_stream(), live.receive_stream()
    for frame in audio:
        start = time.perf_counter()
        codes = transmit.frame(frame, layers)
        sent = time.perf_counter()
        decoded = receive.frame(codes) if codes.shape[1] else None
        yield sent - start, time.perf_counter() - sent, 0 if decoded is None else decoded.shape[1]
