"""Measurement of one audio file: all measures of it, or the reason why it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import soxr

from lrac_audit.errors import InputError
from reference_models.audio.reading import open_audio
from reference_models.corpus.bandwidth import bandwidth_hz
from reference_models.corpus.decay import decay_seconds
from reference_models.corpus.frames import RATE_HZ
from reference_models.corpus.level import (
    Channels,
    clipped_share,
    level_dbfs,
    loudness_lufs,
    peak_dbfs,
)
from reference_models.corpus.modulation import srmr
from reference_models.corpus.noise import active_share, snr_db
from reference_models.corpus.pitch import voice
from reference_models.corpus.rows import RowKind
from reference_models.data.checksums import verify
from reference_models.data.manifest import Entry


class Measurement(NamedTuple):
    """The measures of one file; None for one that does not apply, such as the pitch of silence."""

    uid: str
    duration_s: float
    sample_rate_hz: int
    error: str = ""
    """The reason why the file could not be measured; empty for one that was."""
    level_dbfs: float | None = None
    peak_dbfs: float | None = None
    loudness_lufs: float | None = None
    clipped_share: float | None = None
    active_share: float | None = None
    snr_db: float | None = None
    srmr: float | None = None
    decay_s: float | None = None
    bandwidth_hz: float | None = None
    pitch_hz: float | None = None
    gender: str | None = None
    """``m`` or ``f``, by the pitch."""
    gender_confidence: float | None = None


MEASURES = ("level_dbfs", "peak_dbfs", "loudness_lufs", "clipped_share", "active_share", "snr_db",
            "srmr", "decay_s", "bandwidth_hz", "pitch_hz", "gender_confidence")  # fmt: skip
"""Fields of :class:`Measurement` that are numbers measured of the sound."""

Rows = dict[str, Measurement]
"""Measurements by the uid of their file."""


def _from_cells(cells: Mapping[str, Any]) -> Measurement:
    return Measurement(**cells)


MEASUREMENTS = RowKind(
    Measurement._fields,
    frozenset(("duration_s", "sample_rate_hz", *MEASURES)),
    _from_cells,
    tuple,
)
"""Rows of a table of measurements."""


def measure(entry: Entry, verifies: bool = False) -> Measurement:
    """Return the measures of the file of ``entry``.

    With ``verifies``, a file whose checksum is not that of the manifest counts as unreadable.
    """
    named = Measurement(entry.uid, entry.duration_s, entry.sample_rate_hz)
    try:
        if verifies:
            verify(entry.path, entry.labels.checksum)
        channels = _channels(entry)
    except InputError as error:
        return named._replace(error=str(error).replace("\n", "; "))
    return _measured(named, channels)


def _channels(entry: Entry) -> Channels:
    """Return all samples ``[C, T]``.

    Raises:
        InputError: the file cannot be read.
    """
    blocks = list(open_audio(entry.path).blocks())
    return np.concatenate(blocks, axis=1).astype(np.float64)


def _measured(named: Measurement, channels: Channels) -> Measurement:
    rate_hz = named.sample_rate_hz
    mono = channels.mean(axis=0)
    speech = mono if rate_hz == RATE_HZ else soxr.resample(mono, rate_hz, RATE_HZ)
    level = level_dbfs(channels)
    named = named._replace(
        level_dbfs=level,
        peak_dbfs=peak_dbfs(channels),
        loudness_lufs=loudness_lufs(channels, rate_hz),
        clipped_share=clipped_share(channels),
    )
    if level is None:
        return named._replace(active_share=0.0)
    found = voice(speech)
    pitch_hz, gender, confidence = found or (None, None, None)
    return named._replace(
        active_share=active_share(speech),
        snr_db=snr_db(speech),
        srmr=srmr(speech),
        decay_s=decay_seconds(speech),
        bandwidth_hz=bandwidth_hz(mono, rate_hz),
        pitch_hz=pitch_hz,
        gender=gender,
        gender_confidence=confidence,
    )
