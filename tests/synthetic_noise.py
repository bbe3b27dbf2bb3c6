"""Noises whose class is known, named as the classes of the ontology that comes with the package."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, sosfilt

from tests.reference_models.corpus import voices

Random = np.random.Generator


def _time_s(seconds: float, rate: int) -> np.ndarray:
    return np.arange(int(seconds * rate)) / rate


def electric_noise(random: Random, seconds: float, rate: int) -> np.ndarray:
    """A hum of 50 or 60 Hz with falling harmonics, and some hiss."""
    time_s = _time_s(seconds, rate)
    mains_hz = random.choice([50, 60])
    hum = sum(np.sin(2 * np.pi * mains_hz * k * time_s) / k for k in range(1, 30))
    return hum + 0.05 * random.standard_normal(len(time_s))


def wind(random: Random, seconds: float, rate: int) -> np.ndarray:
    """Noise below some 400 Hz that swells slowly."""
    time_s = _time_s(seconds, rate)
    low = butter(2, random.uniform(250, 450), fs=rate, output="sos")
    gusts = 1.2 + np.sin(2 * np.pi * random.uniform(0.2, 0.5) * time_s + random.uniform(0, 6))
    return gusts * sosfilt(low, random.standard_normal(len(time_s)))


def typing(random: Random, seconds: float, rate: int) -> np.ndarray:
    """Short clicks, some eight a second, in near silence."""
    signal = 0.001 * random.standard_normal(int(seconds * rate))
    click = random.standard_normal(rate // 100) * np.exp(-np.arange(rate // 100) / (rate / 500))
    for start in random.integers(0, len(signal) - len(click), int(8 * seconds)):
        signal[start : start + len(click)] += click
    return signal


def alarm(random: Random, seconds: float, rate: int) -> np.ndarray:
    """Two high tones in turn."""
    time_s = _time_s(seconds, rate)
    low_hz = random.uniform(1800, 2000)
    pitch_hz = np.where((time_s * random.uniform(2, 4)) % 1 < 0.5, low_hz, 1.3 * low_hz)
    return np.sin(2 * np.pi * np.cumsum(pitch_hz) / rate)


def speech(random: Random, seconds: float, rate: int) -> np.ndarray:
    """A voice."""
    return voices.voice(seconds, random.uniform(100, 230), int(random.integers(1 << 30)), rate)


MAKERS: dict[str, Callable[[Random, float, int], np.ndarray]] = {
    one.__name__: one for one in (electric_noise, wind, typing, alarm, speech)
}
"""Makers by class."""


def noise(noise_class: str, seed: int, seconds: float, rate: int) -> np.ndarray:
    """Return a noise of the class, of peak 0.5, in the hiss of a recorder."""
    random = np.random.default_rng(seed)
    signal = MAKERS[noise_class](random, seconds, rate)
    return 0.5 * signal / np.abs(signal).max() + 0.001 * random.standard_normal(len(signal))
