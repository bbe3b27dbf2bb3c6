"""Reverberation and noise, step by step as in the public recipe.

All signals are one channel ``[T]``, float32; powers are mean squares.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import oaconvolve

from reference_models.data.audio_files import SILENCE_POWER, Samples

FRAME_SAMPLES = 1024
FRAME_HOP_SAMPLES = 512
ACTIVE_SHARE = 0.01
"""A frame is active when its power exceeds this share of the mean power of all frames."""


def active_samples(signal: Samples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which samples ``[T]`` are in active frames.

    Frames of 1,024 samples start every 512 samples, the last one padded with zeros. The decision
    on a frame holds for its first 512 samples, that on the last for all that follow. In silence,
    every sample is active.
    """
    frames = 1 + max(0, -(-(len(signal) - FRAME_SAMPLES) // FRAME_HOP_SAMPLES))
    padded = np.zeros((frames + 1) * FRAME_HOP_SAMPLES)
    padded[: len(signal)] = signal
    halves = np.square(padded).reshape(-1, FRAME_HOP_SAMPLES).sum(axis=1)
    powers = (halves[:-1] + halves[1:]) / FRAME_SAMPLES
    active = powers > ACTIVE_SHARE * powers.mean()
    if not active.any():
        return np.ones(len(signal), np.bool_)
    return np.pad(np.repeat(active, FRAME_HOP_SAMPLES), (0, FRAME_HOP_SAMPLES), "edge")[
        : len(signal)
    ]


def active_power(signal: Samples) -> float:
    """Return the mean square of the samples in active frames."""
    return _power(signal[active_samples(signal)])


def early_part(response: Samples, after_peak_samples: int) -> Samples:
    """Return ``response`` up to ``after_peak_samples`` after its largest value.

    The largest value is signed, as in the recipe: a negative peak does not count.
    """
    return response[: int(np.argmax(response)) + after_peak_samples]


def reverberant(speech: Samples, response: Samples) -> Samples:
    """Return ``speech`` in the room of ``response``, with its length and active power kept.

    The whole response is convolved, with the delay before its peak.
    """
    wet = oaconvolve(speech, response)[: len(speech)]
    scale = np.sqrt(active_power(speech) / max(active_power(wet), SILENCE_POWER))
    scaled: Samples = (scale * wet).astype(np.float32)
    return scaled


def fitted(noise: Samples, samples: int, random: np.random.Generator) -> Samples:
    """Return ``samples`` of ``noise``: a random part of longer noise, or shorter noise repeated.

    Shorter noise is placed at random and continued periodically in both directions.
    """
    spare = len(noise) - samples
    if spare >= 0:
        start = int(random.integers(0, spare + 1))
        return noise[start : start + samples]
    before = int(random.integers(0, -spare + 1))
    return noise[(np.arange(samples) - before) % len(noise)]


def with_noise(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    """Return ``speech`` plus scaled ``noise``, both ``[T]``; the SNR counts active speech alone."""
    ratio = active_power(speech) / max(_power(noise), SILENCE_POWER)
    scale = np.sqrt(ratio) * 10 ** (-snr_db / 20)
    mixture: Samples = (speech + scale * noise).astype(np.float32)
    return mixture


def below_full_scale(mixture: Samples, target: Samples) -> tuple[Samples, Samples]:
    """Return both divided by the peak of ``mixture``, if that exceeds full scale."""
    peak = np.float32(max(np.abs(mixture).max(initial=0.0), 1.0))
    return mixture / peak, target / peak


def _power(signal: Samples) -> float:
    return float(np.square(signal, dtype=np.float64).mean()) if len(signal) else 0.0
