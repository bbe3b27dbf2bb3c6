"""The decay time of the room that a file was recorded in, without its dry speech."""

from __future__ import annotations

import numpy as np

from reference_models.corpus.frames import RATE_HZ, SMALLEST_POWER, Signal, windows

DECAY_FRAME_SAMPLES = 512
DECAY_HOP_SAMPLES = 128
DECAY_SECONDS = 0.2
"""Length over which the level of a band must fall along a line."""
DECAY_BANDS_HZ = np.geomspace(250, 6250, 13)
"""Edges of the bands in which decays are looked for."""
LINEAR_FROM = 0.9
"""Share of the variance of the level that the line must explain."""
ABOVE_FLOOR_DB = 3.0
"""A fall must end above the noise by so much."""
SLOWEST_DB_PER_SECOND = 35.0
"""The slope of a room of 1.7 s; slower falls are those of the voice, such as of a gliding pitch."""
MIN_FALLS_PER_SECOND = 8.0
"""Parts of bands, looked at every 8 ms, that must fall along a line: most rooms give 20 to 140 a
second, dry speech some 5 by chance, whose slopes say nothing."""
DECAY_QUANTILE = 0.25
"""Of the slopes found: speech itself ends some sounds faster than the room and none slower."""


def decay_seconds(signal: Signal) -> float | None:
    """Return an estimate of the time in which sound in the room falls by 60 dB.

    In each band, the level is held to straight falls of 200 ms; sounds that end sooner than the
    room lets them die away give the slope of the room, the others steeper ones. None is returned
    where fewer than :data:`MIN_FALLS_PER_SECOND` are found, as in dry speech or much noise.
    """
    levels = _band_levels_db(signal)
    length = round(DECAY_SECONDS * RATE_HZ / DECAY_HOP_SAMPLES)
    if len(levels) < length:
        return None
    slopes = _falls_db_per_second(levels, length)
    if len(slopes) < MIN_FALLS_PER_SECOND * len(signal) / RATE_HZ:
        return None
    return 60 / float(np.quantile(slopes, DECAY_QUANTILE))


def _band_levels_db(signal: Signal) -> Signal:
    """Return the level of each band over time, ``[N, bands]``."""
    frames = windows(signal, DECAY_FRAME_SAMPLES, DECAY_HOP_SAMPLES)
    powers = np.square(np.abs(np.fft.rfft(frames * np.hanning(DECAY_FRAME_SAMPLES))))
    bins = np.round(DECAY_BANDS_HZ / RATE_HZ * DECAY_FRAME_SAMPLES).astype(int)
    bands = np.add.reduceat(powers[:, : bins[-1]], bins[:-1], axis=1)
    return np.asarray(10 * np.log10(bands + SMALLEST_POWER))


def _falls_db_per_second(levels: Signal, length: int) -> Signal:
    """Return the slopes, as numbers above 0, of the parts of ``levels`` that fall along a line."""
    parts = np.lib.stride_tricks.sliding_window_view(levels, length, axis=0)
    seconds = np.arange(length) * DECAY_HOP_SAMPLES / RATE_HZ
    seconds = seconds - seconds.mean()
    slopes = parts @ seconds / (seconds @ seconds)
    variance = parts.var(axis=-1)
    explained = np.square(slopes) * np.square(seconds).mean()
    above = parts[..., -1] > np.quantile(levels, 0.05, axis=0) + ABOVE_FLOOR_DB
    falls = (slopes < -SLOWEST_DB_PER_SECOND) & (explained > LINEAR_FROM * variance) & above
    return np.asarray(-slopes[falls])
