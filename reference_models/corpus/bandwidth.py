"""The effective bandwidth of a file: up to where its loud moments have energy."""

from __future__ import annotations

import numpy as np

from reference_models.corpus.frames import Signal, windows

FRAME_SECONDS = 0.032
BAND_HZ = 125.0
"""Width of the bands that are looked at; the resolution of the estimate."""
SMOOTHED_FRAMES = 6
"""Frames that are averaged, about 100 ms: the power of noise in a band then varies by less than
:data:`ABOVE_QUIET_DB`."""
LOUD_QUANTILE = 0.95
"""A band is taken at its loud moments: fricatives are short."""
QUIET_QUANTILE = 0.1
BELOW_STRONGEST_DB = 60.0
"""A band that is weaker than the strongest by more is empty."""
ABOVE_QUIET_DB = 6.0
"""A band whose loud moments are not above its quiet ones by so much holds steady noise only."""
SMALLEST_POWER = 1e-20
"""Far below the quantization noise of 24 bits, so that digital silence has a logarithm."""


def bandwidth_hz(signal: Signal, rate_hz: int) -> float | None:
    """Return the highest frequency at which ``signal``, at its own rate, has speech; None for none.

    In noisy files it is the frequency up to which speech rises above the noise.
    """
    levels = _band_levels_db(signal, rate_hz)
    loud, quiet = np.quantile(levels, [LOUD_QUANTILE, QUIET_QUANTILE], axis=0)
    used = (loud > loud.max() - BELOW_STRONGEST_DB) & (loud > quiet + ABOVE_QUIET_DB)
    bands = np.flatnonzero(used)
    return min((int(bands[-1]) + 1) * BAND_HZ, rate_hz / 2) if len(bands) else None


def _band_levels_db(signal: Signal, rate_hz: int) -> Signal:
    """Return the level of each band over time, ``[N, bands]``.

    The window has side lobes below -90 dB: with a Hann window the loud bands of a file would leak
    into the empty ones.
    """
    length = round(FRAME_SECONDS * rate_hz)
    frames = windows(signal, length, length // 2)
    turns = 2 * np.pi * np.arange(length) / length
    window = 0.35875 - 0.48829 * np.cos(turns) + 0.14128 * np.cos(2 * turns)
    window -= 0.01168 * np.cos(3 * turns)  # Blackman-Harris, four terms
    powers = np.square(np.abs(np.fft.rfft(frames * window))) / length
    per_band = round(BAND_HZ * length / rate_hz)
    bands = powers.shape[1] // per_band
    sums = powers[:, : bands * per_band].reshape(len(powers), bands, per_band).sum(axis=2)
    smoothed = min(SMOOTHED_FRAMES, len(sums))
    averages = np.lib.stride_tricks.sliding_window_view(sums, smoothed, axis=0).mean(axis=-1)
    return np.asarray(10 * np.log10(averages + SMALLEST_POWER))
