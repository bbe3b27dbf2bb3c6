"""Level, loudness and clipping of a file, from all its channels at its own sample rate."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray

Channels = NDArray[np.float64]
"""Samples ``[C, T]``."""

LOUDNESS_BLOCK_SECONDS = 0.4
"""A gating block of ITU-R BS.1770; shorter files have no loudness."""
MAX_CHANNELS = 5
"""Channels that BS.1770 has weights for."""
CLIPPED_RUN_SAMPLES = 3
"""So many samples in a row at the extreme are clipped; a tone above 40 Hz has fewer."""
CLIPPED_FROM = 0.05
"""Peak below which flat tops are those of quantization."""
SAME_EXTREME = 0.9999
"""Share of the extreme from which samples count as being at it, since dither moves them."""


def level_dbfs(channels: Channels) -> float | None:
    """Return the root mean square in dB relative to full scale; None for silence."""
    power = float(np.square(channels).mean())
    return 10 * math.log10(power) if power else None


def peak_dbfs(channels: Channels) -> float | None:
    """Return the largest magnitude in dB relative to full scale; None for silence."""
    peak = float(np.abs(channels).max())
    return 20 * math.log10(peak) if peak else None


def loudness_lufs(channels: Channels, rate_hz: int) -> float | None:
    """Return the integrated loudness of ITU-R BS.1770; None for a short or silent file."""
    from pyloudnorm import Meter

    if channels.shape[1] < LOUDNESS_BLOCK_SECONDS * rate_hz or len(channels) > MAX_CHANNELS:
        return None
    with np.errstate(all="ignore"), warnings.catch_warnings():  # silence has no loudness
        warnings.simplefilter("ignore", RuntimeWarning)
        loudness = float(Meter(rate_hz).integrated_loudness(channels.T))
    return loudness if math.isfinite(loudness) else None


def clipped_share(channels: Channels) -> float:
    """Return the share of samples that lie in flat tops at the extremes of their channel."""
    clipped = sum(_clipped(sign * channel) for channel in channels for sign in (1, -1))
    return clipped / channels.size


def _clipped(channel: Channels) -> int:
    """Return the number of samples in runs at the largest value of ``channel``."""
    largest = float(channel.max())
    if largest < CLIPPED_FROM:
        return 0
    at_extreme = np.concatenate([[0], channel >= SAME_EXTREME * largest, [0]])
    edges = np.flatnonzero(np.diff(at_extreme))
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= CLIPPED_RUN_SAMPLES].sum())
