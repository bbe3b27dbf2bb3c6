"""Signals like speech whose truth is known: voice, fricatives and pauses, in noise and in rooms."""

from __future__ import annotations

import numpy as np
import soxr
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

RATE = 16_000
VOWELS_HZ = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)
"""Formants of five vowels."""


def voice(seconds: float, pitch_hz: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Syllables with falling pitch, of peak 0.5, that pause after some; silence is digital zero."""
    random = np.random.default_rng(seed)
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < seconds * rate:
        parts += [_fricative(random, rate), _vowel(random, pitch_hz, rate)]
        pause_s = random.uniform(0.15, 0.5) if random.random() < 0.3 else random.uniform(0, 0.06)
        parts.append(np.zeros(int(pause_s * rate)))
    signal = np.concatenate(parts)[: int(seconds * rate)]
    return 0.5 * signal / np.abs(signal).max()


def _vowel(random: np.random.Generator, pitch_hz: float, rate: int) -> np.ndarray:
    samples = int(random.uniform(0.08, 0.28) * rate)
    pitch = pitch_hz * random.uniform(0.9, 1.1) * np.linspace(1.06, 0.94, samples)
    phase = np.cumsum(pitch / rate)
    source = np.diff(np.floor(phase), prepend=0.0)
    source = lfilter([1], [1, -0.97], source)  # the glottal pulse falls by 6 dB an octave
    for formant_hz in (*VOWELS_HZ[random.integers(len(VOWELS_HZ))], 3500):
        source = _resonance(source, formant_hz * random.uniform(0.95, 1.05), rate)
    source /= np.sqrt(np.mean(source**2))
    return 10 ** (random.normal(0, 4) / 20) * source * _envelope(samples, rate)


def _fricative(random: np.random.Generator, rate: int) -> np.ndarray:
    samples = int(random.uniform(0.04, 0.12) * rate)
    lowest, highest = random.uniform(1500, 4000), 0.49 * rate
    band = butter(2, [lowest, highest], "bandpass", fs=rate, output="sos")
    noise = sosfilt(band, random.standard_normal(samples))
    level = 10 ** (random.normal(-12, 4) / 20)
    return level * noise / np.sqrt(np.mean(noise**2)) * _envelope(samples, rate)


def _resonance(source: np.ndarray, centre_hz: float, rate: int) -> np.ndarray:
    radius = np.exp(-np.pi * 90 / rate)
    return lfilter([1], [1, -2 * radius * np.cos(2 * np.pi * centre_hz / rate), radius**2], source)


def _envelope(samples: int, rate: int) -> np.ndarray:
    time = np.arange(samples) / rate
    return np.minimum(1, time / 0.015) * np.minimum(1, time[::-1] / 0.05)


def noise(samples: int, colour: str, seed: int) -> np.ndarray:
    """White noise, or pink noise above 20 bins; unit power."""
    white = np.random.default_rng(seed).standard_normal(samples)
    if colour == "white":
        return white
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20))
    pink = np.fft.irfft(spectrum, samples)
    return pink / np.sqrt(np.mean(pink**2))


def noisy(signal: np.ndarray, snr_db: float, colour: str, seed: int) -> np.ndarray:
    """Add noise whose power is below the mean power of ``signal`` by the ratio."""
    power = np.mean(signal**2) * 10 ** (-snr_db / 10)
    return signal + np.sqrt(power) * noise(len(signal), colour, seed)


def in_room(signal: np.ndarray, decay_s: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Reverberate in a room of a direct path and a tail that decays by 60 dB in ``decay_s``."""
    time = np.arange(int(1.2 * decay_s * rate)) / rate
    tail = np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / decay_s)
    tail *= 0.7 / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    return oaconvolve(signal, tail)[: len(signal)]


def low_passed(signal: np.ndarray, cutoff_hz: float, rate: int) -> np.ndarray:
    """Resample to twice the cutoff and back: nothing is left above, as in files that were."""
    return soxr.resample(soxr.resample(signal, rate, 2 * cutoff_hz), 2 * cutoff_hz, rate)
