"""Writing of 16-bit WAV files while the codec runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import replacing
from reference_models.audio.reading import Block

FULL_SCALE = 32768
MAX_RIFF_BYTES = (1 << 32) - 4096
"""Largest data of a plain WAV file; RF64 is written for more."""


def write_wav(
    path: Path, blocks: Iterable[Block], rate_hz: int, channels: int, samples: int
) -> None:
    """Write ``blocks``, each ``[C, T]`` and ``samples`` long together, as 16-bit PCM.

    Samples beyond full scale are clipped. The file appears when it is complete.

    Raises:
        InputError: the file cannot be written, or a sample is not finite.
    """
    big = samples * channels * 2 > MAX_RIFF_BYTES
    with replacing(path) as beside:
        try:
            with soundfile.SoundFile(
                beside, "w", rate_hz, channels, "PCM_16", format="RF64" if big else "WAV"
            ) as file:
                for block in blocks:
                    _check_finite(path, block)
                    file.write(_as_pcm(block))
        except soundfile.LibsndfileError as error:
            raise OSError(None, error.error_string) from None


def _as_pcm(block: Block) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Return ``[T, C]`` in 16 bits, for libsndfile; reading divides by :data:`FULL_SCALE`."""
    return np.rint(block.T * FULL_SCALE).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def _check_finite(path: Path, block: Block) -> None:
    if not np.isfinite(block).all():
        given = "a codec that puts out NaN or infinity"
        raise InputError(str(path), [Problem("", given, "weights that keep the audio finite")])
