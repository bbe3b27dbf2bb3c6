"""Test signals of several kinds, for codecs that do different things on different audio.

All are ``[1, C, T]`` in double precision, within full scale, and the same at every call. A longer
signal begins with the shorter one of its kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor

CHUNK_SAMPLES = 4096
"""Noise is drawn in pieces of this length, so that a longer one begins with the shorter."""
SPEECH_HARMONICS = 30
SYLLABLES_HZ = 4.0
FORMANTS_HZ = (600.0, 1400.0, 2600.0)
FORMANT_WIDTH_HZ = 250.0

Signal = Callable[[int, int, int], Tensor]
"""A function of channels, samples and sample rate."""


def silence(channels: int, samples: int, rate_hz: int) -> Tensor:
    """Return zeros."""
    return torch.zeros(1, channels, samples, dtype=torch.float64)


def noise(channels: int, samples: int, rate_hz: int, *, level_db: float = 0.0) -> Tensor:
    """Return Gaussian noise of ``level_db`` below a root mean square of 1, cut at full scale."""
    generator = torch.Generator().manual_seed(0)
    pieces = [
        torch.randn(1, channels, CHUNK_SAMPLES, generator=generator, dtype=torch.float64)
        for _ in range(math.ceil(samples / CHUNK_SAMPLES))
    ]
    drawn = torch.cat(pieces, 2)[..., :samples]
    return (drawn * 10 ** (level_db / 20)).clamp(-1, 1)


def clipped(channels: int, samples: int, rate_hz: int) -> Tensor:
    """Return noise so loud that most samples are at full scale."""
    return noise(channels, samples, rate_hz, level_db=20)


def click(channels: int, samples: int, rate_hz: int) -> Tensor:
    """Return silence with one sample at full scale at its beginning."""
    audio = silence(channels, samples, rate_hz)
    audio[..., :1] = 1
    return audio


def tone(channels: int, samples: int, rate_hz: int) -> Tensor:
    """Return a sine of 440 Hz at half of full scale."""
    time_s = torch.arange(samples, dtype=torch.float64) / rate_hz
    return (0.5 * torch.sin(2 * math.pi * 440 * time_s)).expand(1, channels, samples).clone()


def speech_like(channels: int, samples: int, rate_hz: int) -> Tensor:
    """Return a voice of harmonics under formants, gliding and in syllables, with hiss between."""
    time_s = torch.arange(samples, dtype=torch.float64) / rate_hz
    glide = 120 * time_s + 2 * (1 - torch.cos(2 * math.pi * time_s))
    voice = torch.zeros(samples, dtype=torch.float64)
    for k in range(1, SPEECH_HARMONICS + 1):
        if 150 * k < rate_hz / 2:
            voice += _formant_gain(120.0 * k) / k * torch.sin(2 * math.pi * k * glide)
    syllable = 0.5 - 0.5 * torch.cos(2 * math.pi * SYLLABLES_HZ * (time_s + 0.05))
    hiss = noise(1, samples, rate_hz, level_db=-30)[0, 0]
    return (0.2 * syllable * voice + (1 - syllable) * hiss).clamp(-1, 1).expand(1, channels, -1)


def _formant_gain(frequency_hz: float) -> float:
    """Return the gain of the vocal tract, a sum of resonances."""
    return 0.1 + sum(
        1 / (1 + ((frequency_hz - centre) / FORMANT_WIDTH_HZ) ** 2) for centre in FORMANTS_HZ
    )


VARYING = ("speech-like", "click")
"""The signals whose level changes on the way, so that what runs need not repeat in any period."""
SIGNALS: Mapping[str, Signal] = MappingProxyType(
    {
        "noise at -18 dB": partial(noise, level_db=-18),
        "silence": silence,
        "noise at -60 dB": partial(noise, level_db=-60),
        "noise at -3 dB": partial(noise, level_db=-3),
        "speech-like": speech_like,
        "tone": tone,
        "click": click,
        "clipped noise": clipped,
    }
)
"""By name; the first is what a codec is measured on where its cost does not depend on data."""


def medley(channels: int, samples: int, rate_hz: int, *, backwards: bool = False) -> Tensor:
    """Return pieces of all signals in a row; ``backwards`` turns the row around."""
    order = list(SIGNALS.values())[:: -1 if backwards else 1]
    piece = math.ceil(samples / len(order))
    return torch.cat([make(channels, piece, rate_hz) for make in order], 2)[..., :samples]
