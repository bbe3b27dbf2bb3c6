"""Conversion of audio to the codec's rate and channel count, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from lrac_audit.errors import InputError, Problem
from reference_models.audio.reading import AudioFile, Block

QUALITY = "HQ"
"""soxr's preset: flat to 0.913 of the lower Nyquist rate, aliases below 16-bit resolution."""


def converted_samples(samples: int, from_hz: int, to_hz: int) -> int:
    """Return the length after resampling: ``samples * to_hz / from_hz``, rounded, halves up."""
    return (2 * samples * to_hz + from_hz) // (2 * from_hz)


def convert(audio: AudioFile, rate_hz: int, channels: int) -> Iterator[Block]:
    """Return the samples of ``audio`` at ``rate_hz`` with ``channels``, in blocks ``[C, T]``.

    Channels are mixed to their mean, or one is copied, as the codec needs. There are exactly
    :func:`converted_samples` samples.

    Raises:
        InputError: the file is damaged, has a channel count that does not fit, or would be shorter
            than one sample.
    """
    problems = []
    if converted_samples(audio.samples, audio.rate_hz, rate_hz) == 0:
        given = f"{audio.samples} samples at {audio.rate_hz} Hz"
        problems.append(Problem("length", given, f"at least one sample at {rate_hz} Hz"))
    if channels not in (1, audio.channels) and audio.channels != 1:
        problems.append(Problem("channels", str(audio.channels), f"1 or {channels}"))
    if problems:
        raise InputError(str(audio.path), problems)
    mixed = (_mixed(block, channels) for block in audio.blocks())
    return mixed if audio.rate_hz == rate_hz else _resampled(mixed, audio, rate_hz, channels)


def _mixed(block: Block, channels: int) -> Block:
    if block.shape[0] == channels:
        return block
    mean = block.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)
    return np.repeat(mean, channels, axis=0)


def _resampled(
    blocks: Iterable[Block], audio: AudioFile, rate_hz: int, channels: int
) -> Iterator[Block]:
    resampler = soxr.ResampleStream(audio.rate_hz, rate_hz, channels, "float32", QUALITY)
    missing = converted_samples(audio.samples, audio.rate_hz, rate_hz)
    for block in blocks:
        ready = resampler.resample_chunk(np.ascontiguousarray(block.T)).T[:, :missing]
        missing -= ready.shape[1]
        yield ready
    tail = resampler.resample_chunk(np.zeros((0, channels), np.float32), last=True).T[:, :missing]
    yield np.pad(tail, ((0, 0), (0, missing - tail.shape[1])))
