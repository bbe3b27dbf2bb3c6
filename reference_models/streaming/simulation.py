"""Simulation of a codec on a device: one frame at a time, each frame timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from reference_models.audio.reading import Block
from reference_models.nn.bounded_delay import refuse_unbounded
from reference_models.nn.codec import Codec, Receiver, Transmitter

WARM_UP_FRAMES = 20
"""Warm-up frames before the first one that is timed, in streams of their own."""


class FrameTimes(NamedTuple):
    """The processing time of each frame, in seconds ``[F]``."""

    transmit_s: NDArray[np.float64]
    receive_s: NDArray[np.float64]


class Delay(NamedTuple):
    """The delay of a stream, in audio samples of input."""

    first_codes_samples: int
    """Input until the first frame's codes come out of the transmit side."""
    first_audio_samples: int
    """Input until the first audio sample comes out of the receive side."""
    worst_samples: int
    """Largest delay of an output sample: input until it comes, less the output before it."""


def simulate(
    transmit: Codec,
    receive: Codec,
    blocks: Iterable[Block],
    layers: int,
    advance: Callable[[int], object],
) -> FrameTimes:
    """Push audio that comes in ``blocks [C, T]`` through both sides, hop by hop.

    An incomplete hop at the end is left out. ``advance`` is called with the samples of each frame.

    Raises:
        InputError: a layer waits for the end of the clip.
    """
    refuse_unbounded(transmit.design)
    hop = transmit.design.hop_samples
    warm_up = np.zeros((transmit.design.audio_channels, WARM_UP_FRAMES * hop), np.float32)
    for _ in _timed(transmit, receive, [warm_up], layers):
        pass
    times = []
    for frame_times in _timed(transmit, receive, blocks, layers):
        times.append(frame_times)
        advance(hop)
    columns = np.array(times, dtype=np.float64).reshape(-1, 2).T
    return FrameTimes(columns[0], columns[1])


def measure_delay(transmit: Codec, receive: Codec, layers: int) -> Delay:
    """Measure the delay by searching for the least input to which each side responds.

    A frame's audio comes in one piece, so the sample that has waited longest is a frame's first.
    From the first frame that brings any output on, that delay is the same for all later frames.

    Raises:
        InputError: a layer waits for the end of the clip.
    """
    refuse_unbounded(transmit.design)
    channels, hop = transmit.design.audio_channels, transmit.design.hop_samples
    codes = receive.quantizer.codes_per_frame(layers)
    one_frame = torch.zeros(codes, 1, 1, dtype=torch.int64)

    def samples_for(frames: int) -> int:
        def enough(samples: int) -> bool:
            audio = torch.zeros(1, channels, samples)
            return Transmitter(transmit, layers).push(audio).shape[2] >= frames

        return _least(enough, frames * hop)

    def decoded_from(frames: int) -> int:
        return Receiver(receive).push(one_frame.expand(-1, -1, frames)).shape[2]

    first = _least(lambda frames: decoded_from(frames) > 0, 1)
    waits = [samples_for(first), samples_for(first + 1) - decoded_from(first)]
    return Delay(samples_for(1), waits[0], max(waits))


def _timed(
    transmit: Codec, receive: Codec, blocks: Iterable[Block], layers: int
) -> Iterator[tuple[float, float]]:
    transmitter, receiver = Transmitter(transmit, layers), Receiver(receive)
    for frame in frames(blocks, transmit.design.hop_samples):
        audio = torch.tensor(frame)[None]
        start = time.perf_counter()
        codes = transmitter.push(audio)
        sent = time.perf_counter()
        receiver.push(codes)
        yield sent - start, time.perf_counter() - sent


def frames(blocks: Iterable[Block], hop_samples: int) -> Iterator[Block]:
    """Yield the whole frames ``[C, hop]`` of audio that comes in ``blocks [C, T]``."""
    held: list[Block] = []
    for block in blocks:
        waiting = np.concatenate([*held, block], axis=1)
        ready = waiting.shape[1] // hop_samples * hop_samples
        for start in range(0, ready, hop_samples):
            yield waiting[:, start : start + hop_samples]
        held = [waiting[:, ready:]]


def _least(answers: Callable[[int], bool], guess: int) -> int:
    """Return the least positive number for which ``answers``, which is monotone, is true."""
    high = guess
    while not answers(high):
        high *= 2
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if answers(middle) else (middle, high)
    return high
