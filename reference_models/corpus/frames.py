"""Powers of short frames, which several measures look at.

All signals here and in the other measures are one channel ``[T]`` at :data:`RATE_HZ`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

RATE_HZ = 16_000
FRAME_SAMPLES = 320
"""20 ms."""
HOP_SAMPLES = 160
SMOOTHED_FRAMES = 4
"""Frames averaged before the quietest are looked for: noise alone then varies little."""
QUIETEST_SHARE = 0.05
"""Share of frames that is taken to be free of speech: pauses and closures of stops."""
SMALLEST_POWER = 1e-12
"""-120 dBFS, below the quantization noise of 16 bits; nothing is divided by less."""


def windows(signal: Signal, length: int, hop: int) -> Signal:
    """Return the overlapping parts ``[N, length]`` of ``signal``; a short one is padded."""
    padded = np.pad(signal, (0, max(0, length - len(signal))))
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]


def frame_powers(signal: Signal) -> Signal:
    """Return the mean square ``[N]`` of each frame, averaged over its neighbours."""
    powers = np.square(windows(signal, FRAME_SAMPLES, HOP_SAMPLES)).mean(axis=1)
    frames = min(SMOOTHED_FRAMES, len(powers))
    sums = np.cumsum(np.append(0.0, powers))
    return np.asarray((sums[frames:] - sums[:-frames]) / frames)


def noise_power(powers: Signal) -> float:
    """Return the power of the noise: that of the quietest frames."""
    return max(float(np.quantile(powers, QUIETEST_SHARE)), SMALLEST_POWER)
