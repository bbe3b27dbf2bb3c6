"""The pitch of a voice, and the gender that it suggests."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from reference_models.corpus.frames import RATE_HZ, Signal, windows

FRAME_SAMPLES = 800
"""50 ms: three periods of the lowest pitch."""
HOP_SAMPLES = 320
LOWEST_HZ = 60.0
HIGHEST_HZ = 400.0
VOICED_FROM = 0.6
"""Correlation of a frame with itself, one period later, from which it is voiced."""
FIRST_PEAK_SHARE = 0.9
"""The shortest period whose correlation is this share of the largest is taken, since multiples of a
period correlate as well."""
LOUD_SHARE = 0.1
"""Frames below this share of the mean power are not looked at: noise has a pitch by chance."""
MIN_VOICED_FRAMES = 5
MALE_HZ = 120.0
FEMALE_HZ = 210.0
"""Typical pitch of reading men and women."""
SPREAD_SEMITONES = 3.0
"""Standard deviation of the pitch of speakers around it."""


class VoiceEstimate(NamedTuple):
    """The pitch of a voice and the gender that it suggests."""

    pitch_hz: float
    gender: Literal["m", "f"]
    confidence: float
    """Probability of the gender given the pitch, from 0.5 to 1, if both are as frequent."""


def voice(signal: Signal) -> VoiceEstimate | None:
    """Return the median pitch of ``signal`` and the gender it suggests; None if none is voiced.

    Children and trained voices are beyond it; so is a file of several speakers.
    """
    pitches = _pitches_hz(signal)
    if len(pitches) < MIN_VOICED_FRAMES:
        return None
    pitch_hz = float(np.median(pitches))
    female = _female_probability(pitch_hz)
    return VoiceEstimate(pitch_hz, "f" if female > 0.5 else "m", max(female, 1 - female))


def _female_probability(pitch_hz: float) -> float:
    """Return the probability of a woman by two normal distributions over semitones."""
    distances = (12 * math.log2(pitch_hz / typical) for typical in (MALE_HZ, FEMALE_HZ))
    male, female = ((distance / SPREAD_SEMITONES) ** 2 / 2 for distance in distances)
    return 1 / (1 + math.exp(female - male))


def _pitches_hz(signal: Signal) -> Signal:
    """Return the pitch of each voiced frame."""
    frames = windows(signal, FRAME_SAMPLES, HOP_SAMPLES)
    powers = np.square(frames).mean(axis=1)
    frames = frames[powers > LOUD_SHARE * powers.mean()]
    if not len(frames):
        return np.zeros(0)
    correlation = _correlations(frames - frames.mean(axis=1, keepdims=True))
    shortest, longest = round(RATE_HZ / HIGHEST_HZ), round(RATE_HZ / LOWEST_HZ)
    lags = correlation[:, shortest:longest]
    largest = lags.max(axis=1)
    is_peak = np.zeros(lags.shape, np.bool_)
    is_peak[:, 1:-1] = (lags[:, 1:-1] >= lags[:, :-2]) & (lags[:, 1:-1] > lags[:, 2:])
    candidates = is_peak & (lags >= FIRST_PEAK_SHARE * largest[:, np.newaxis])
    voiced = (largest > VOICED_FROM) & candidates.any(axis=1)
    return np.asarray(RATE_HZ / (shortest + candidates[voiced].argmax(axis=1)))


def _correlations(frames: Signal) -> Signal:
    """Return the correlation ``[N, lags]`` of each frame with itself some samples later.

    Each is divided by the energies of the two parts that overlap.
    """
    spectra = np.fft.rfft(frames, 2 * FRAME_SAMPLES)
    products = np.fft.irfft(np.square(np.abs(spectra)))[:, :FRAME_SAMPLES]
    energies = np.cumsum(np.square(frames), axis=1)
    total = energies[:, -1:]
    first = energies[:, ::-1]  # of all but the last samples, by lag
    second = np.concatenate([total, total - energies[:, :-1]], axis=1)  # of all but the first
    return np.asarray(products / np.sqrt(np.maximum(first * second, 1e-20)))
