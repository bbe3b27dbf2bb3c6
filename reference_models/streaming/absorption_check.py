"""Check of an absorbed codec against the codec it was made from, on audio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch

from reference_models.audio.reading import Block
from reference_models.nn.codec import Codec, Receiver, Transmitter


class AbsorptionCheck(NamedTuple):
    """The comparison of an absorbed codec with its trained codec on the same audio."""

    indices: int
    """Number of indices compared, over all layers and frames."""
    different_indices: int
    largest_difference: float
    """Largest difference of audio decoded from the same indices; full scale is 1.0."""

    @property
    def holds(self) -> bool:
        """Whether every index is the same, and the audio is the same except for rounding."""
        return self.different_indices == 0 and self.largest_difference <= AUDIO_TOLERANCE


AUDIO_TOLERANCE = 1e-5
"""Largest difference allowed: a third of a 16-bit step; float32 rounding is well below it."""


def compare(
    trained: Codec, transmit: Codec, receive: Codec, blocks: Iterable[Block]
) -> AbsorptionCheck:
    """Run ``blocks [C, T]`` through the trained codec and its absorbed halves, all layers on."""
    transmitters = Transmitter(trained), Transmitter(transmit)
    receivers = Receiver(trained), Receiver(receive)
    indices = different = 0
    largest = 0.0
    for block in [*blocks, None]:
        expected, got = (_codes(transmitter, block) for transmitter in transmitters)
        indices += expected.numel()
        different += int((expected != got).sum())
        audio, absorbed = (_audio(receiver, expected, block is None) for receiver in receivers)
        if audio.numel():
            largest = max(largest, float((audio - absorbed).abs().max()))
    return AbsorptionCheck(indices, different, largest)


def _codes(transmitter: Transmitter, block: Block | None) -> torch.Tensor:
    return transmitter.flush() if block is None else transmitter.push(torch.tensor(block)[None])


def _audio(receiver: Receiver, codes: torch.Tensor, last: bool) -> torch.Tensor:
    ready = receiver.push(codes)
    return torch.cat([ready, receiver.flush()], dim=2) if last else ready
