"""The signal-to-noise ratio and the share of active speech of a file, without its clean speech.

Two estimators meet. Where the ratio is high, pauses show the noise. Where it is low they do not,
for noise hides the quiet parts of speech and its own power varies; there the ratio is taken from
the distribution of amplitudes, as WADA-SNR does (C. Kim and R. Stern, "Robust signal-to-noise ratio
estimation based on waveform amplitude distribution analysis", Interspeech 2008): amplitudes of
speech follow a gamma distribution of shape 0.4, those of noise a normal one, and the logarithm of
the mean amplitude less the mean of the logarithms says how they were mixed. The latter estimate is
wrong by more than 10 dB in clean files with pauses, where it is not used.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from reference_models.corpus.frames import (
    SMALLEST_POWER,
    Signal,
    frame_powers,
    noise_power,
)

PAUSES_FROM_DB = 6.0
"""Ratio up to which the distribution of amplitudes alone is believed."""
PAUSES_ALONE_FROM_DB = 12.0
"""Ratio from which the pauses alone are believed; between the two, both by their distance."""
LARGEST_RATIO_DB = 80.0
"""Ratio of files without noise, such as of digital silence between words."""
SPEECH_SHAPE = 0.4
"""Shape of the gamma distribution of the amplitudes of clean speech."""
ACTIVE_SHARE_OF_SPEECH = 0.01
"""Speech is active where its power exceeds this share of its mean, as in the recipe's mixing."""
ACTIVE_SHARE_OF_NOISE = 0.4
"""It is seen to be active only where it exceeds this share of the power of the noise too."""
SPEECH_POINTS = 200
NOISE_POINTS = 2000
"""Points of the two distributions, each with each, over which expected values are taken."""


def snr_db(signal: Signal) -> float:
    """Return the ratio of the mean power of speech to that of noise, over the whole file, in dB."""
    from_pauses = _from_pauses_db(frame_powers(signal))
    span = PAUSES_ALONE_FROM_DB - PAUSES_FROM_DB
    weight = min(max((from_pauses - PAUSES_FROM_DB) / span, 0.0), 1.0)
    if weight == 1:
        return from_pauses
    return weight * from_pauses + (1 - weight) * _from_amplitudes_db(signal)


def active_share(signal: Signal) -> float:
    """Return the share of time in which speech is active, from 0 to 1.

    Speech that is fainter than the noise is not seen: the share falls with the ratio.
    """
    powers = frame_powers(signal)
    noise = noise_power(powers)
    speech = max(float(powers.mean()) - noise, 0.0)
    threshold = max(ACTIVE_SHARE_OF_SPEECH * speech, ACTIVE_SHARE_OF_NOISE * noise)
    return float(np.mean(powers - noise > threshold))


def _from_pauses_db(powers: Signal) -> float:
    noise = noise_power(powers)
    speech = max(float(powers.mean()) - noise, SMALLEST_POWER)
    return min(10 * float(np.log10(speech / noise)), LARGEST_RATIO_DB)


def _from_amplitudes_db(signal: Signal) -> float:
    amplitudes = np.maximum(np.abs(signal), np.sqrt(SMALLEST_POWER))
    statistic = np.log(amplitudes.mean()) - np.log(amplitudes).mean()
    ratios_db, statistics = _table()
    return float(np.interp(statistic, statistics, ratios_db))


@cache
def _table() -> tuple[Signal, Signal]:
    """Return ratios in dB, and the statistic of amplitudes for each, which rises with them."""
    from scipy.stats import gamma, norm

    parts = (np.arange(SPEECH_POINTS) + 0.5) / SPEECH_POINTS
    weights = parts**3 / np.sum(parts**3)  # of quantiles that are dense where speech is loud
    speech = gamma.isf(parts**4, SPEECH_SHAPE)[:, np.newaxis]
    speech /= np.sqrt(SPEECH_SHAPE * (SPEECH_SHAPE + 1))  # the mean square of the distribution
    noise = norm.ppf((np.arange(NOISE_POINTS) + 0.5) / NOISE_POINTS)
    ratios_db = np.arange(-20.0, 41.0)
    statistics = []
    for ratio_db in ratios_db:
        amplitudes = np.abs(speech + 10 ** (-ratio_db / 20) * noise)
        mean, mean_log = amplitudes.mean(axis=1), np.log(amplitudes).mean(axis=1)
        statistics.append(np.log(weights @ mean) - weights @ mean_log)
    return ratios_db, np.array(statistics)
