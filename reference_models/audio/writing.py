"""Writing of 16-bit WAV files while the codec runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import replacing
from reference_models.audio.pcm import to_pcm16
from reference_models.audio.reading import Block

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
                    file.write(to_pcm16(block.T))
        except soundfile.LibsndfileError as error:
            raise OSError(None, error.error_string) from None


def _check_finite(path: Path, block: Block) -> None:
    if not np.isfinite(block).all():
        given = "a codec that puts out NaN or infinity"
        raise InputError(str(path), [Problem("", given, "weights that keep the audio finite")])
