"""The speech-to-reverberation modulation energy ratio (SRMR) of a file, without its dry speech."""

from __future__ import annotations

import numpy as np

from reference_models.corpus.frames import RATE_HZ, Signal

SRMR_BANDS = 23
SHORTEST_SECONDS = 0.5
"""Two periods of the slowest modulation."""
SRMR_LOWEST_HZ = 125.0
SRMR_HIGHEST_HZ = 7000.0
ENVELOPE_RATE_HZ = 2000
MODULATIONS_HZ = np.geomspace(4, 128, 8)
"""Centres of the modulation bands."""
MODULATION_Q = 2.0
SLOW_MODULATIONS = 4
"""Modulation bands, of the slowest, that speech itself has; rooms add to the others."""
SIGNIFICANT_SHARE = 0.9
"""Share of the energy; the acoustic band that reaches it bounds the modulations that count."""


def srmr(signal: Signal) -> float | None:
    """Return the speech-to-reverberation modulation energy ratio; None for short or silent files.

    The ratio of the energies of slow (4 to 18 Hz) and fast modulations of the envelopes in 23
    gammatone bands, after T. Falk, C. Zheng and W.-Y. Chan, "A non-intrusive quality and
    intelligibility measure of reverberant and dereverberated speech", IEEE Transactions on Audio,
    Speech and Language Processing 18(7), 2010. Here it is taken over the whole file.
    It depends on the voice too: the pitch of low voices counts as a fast modulation.
    """
    if len(signal) < SHORTEST_SECONDS * RATE_HZ:
        return None
    energies = _modulation_energies(_envelopes(signal))
    if not energies.sum() > 0:
        return None
    shares = np.cumsum(energies.sum(axis=1)) / energies.sum()
    band = int(np.searchsorted(shares, SIGNIFICANT_SHARE))
    width_hz = _bandwidth_hz(_centres_hz()[band])
    lower_edges = MODULATIONS_HZ * (1 - 1 / (2 * MODULATION_Q))
    used = max(SLOW_MODULATIONS + 1, int(np.sum(lower_edges < width_hz)))
    slow = energies[:, :SLOW_MODULATIONS].sum()
    return float(slow / energies[:, SLOW_MODULATIONS:used].sum())


def _centres_hz() -> Signal:
    """Return the centres of the acoustic bands, equally far apart on the ERB-rate scale."""
    first, last = (21.4 * np.log10(4.37e-3 * hz + 1) for hz in (SRMR_LOWEST_HZ, SRMR_HIGHEST_HZ))
    return np.asarray((10 ** (np.linspace(first, last, SRMR_BANDS) / 21.4) - 1) / 4.37e-3)


def _bandwidth_hz(centre_hz: float) -> float:
    """Return the equivalent rectangular bandwidth of the ear at ``centre_hz``."""
    return 24.7 * (4.37e-3 * centre_hz + 1)


def _envelopes(signal: Signal) -> Signal:
    """Return the envelopes ``[bands, N]`` of the acoustic bands at :data:`ENVELOPE_RATE_HZ`.

    Each band of the spectrum is moved to 0 Hz and inverted at the lower rate; the magnitude of the
    complex signal is the envelope.
    """
    half_seconds = -(-2 * len(signal) // RATE_HZ)
    spectrum = np.fft.rfft(signal, half_seconds * RATE_HZ // 2)
    points = half_seconds * ENVELOPE_RATE_HZ // 2
    bin_hz = 2 / half_seconds
    frequencies = np.arange(len(spectrum)) * bin_hz
    envelopes = []
    for centre_hz in _centres_hz():
        first = round(centre_hz / bin_hz) - points // 2
        used = slice(max(first, 0), min(first + points, len(spectrum)))
        width_hz = 1.019 * _bandwidth_hz(centre_hz)
        response = (1 + np.square((frequencies[used] - centre_hz) / width_hz)) ** -2  # order 4
        moved = np.zeros(points, np.complex128)
        moved[used.start - first : used.stop - first] = spectrum[used] * response
        envelopes.append(np.abs(np.fft.ifft(moved)))
    return np.array(envelopes)[:, : len(signal) * ENVELOPE_RATE_HZ // RATE_HZ]


def _modulation_energies(envelopes: Signal) -> Signal:
    """Return the energy ``[bands, modulations]`` of each envelope in each modulation band."""
    powers = np.square(np.abs(np.fft.rfft(envelopes)))[:, 1:]
    frequencies = np.arange(1, powers.shape[1] + 1) * ENVELOPE_RATE_HZ / envelopes.shape[1]
    ratios = frequencies / MODULATIONS_HZ[:, np.newaxis]
    responses = 1 / (1 + np.square(MODULATION_Q * (ratios - 1 / ratios)))
    # No matrix product: its rounding depends on the number of threads.
    return np.stack([(powers * response).sum(axis=1) for response in responses], axis=1)
