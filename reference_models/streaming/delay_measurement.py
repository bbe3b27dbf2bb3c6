"""Measurement of the delay of the PyTorch models, to the sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from reference_models.nn.bounded_delay import refuse_unbounded
from reference_models.nn.codec import Codec, Receiver, Transmitter


class Delay(NamedTuple):
    """The delay of a stream, in audio samples of input."""

    first_codes_samples: int
    """Input until the first frame's codes come out of the transmit side."""
    first_audio_samples: int
    """Input until the first audio sample comes out of the receive side."""
    worst_samples: int
    """Largest delay of an output sample: input until it comes, less the output before it."""


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
