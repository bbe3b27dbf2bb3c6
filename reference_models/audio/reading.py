"""Reading of WAV and FLAC files in blocks, with every problem of a file as an ``InputError``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import READABLE, check_regular_file, path_error
from reference_models.audio.wav_length import check_wav_complete

Block = NDArray[np.float32]
"""Samples ``[C, T]``."""

FORMATS = ("WAV", "WAVEX", "RF64", "FLAC")
MIN_RATE_HZ = 4_000
MAX_RATE_HZ = 768_000
MAX_CHANNELS = 6
"""The channels of 5.1; a file with more is no recording of one talker, so its mean is useless."""
MAX_RESPONSE_CHANNELS = 64
"""Those of the microphone arrays that rooms are measured with, of which one channel is taken."""
BLOCK_SAMPLES = 1 << 15
"""Per channel."""


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A readable audio file of a supported rate and channel count, with at least one sample."""

    path: Path
    rate_hz: int
    channels: int
    samples: int
    """Per channel."""

    def blocks(self) -> Iterator[Block]:
        """Yield every sample, in blocks ``[C, T]`` of at most :data:`BLOCK_SAMPLES`.

        Raises:
            InputError: a sample is not finite, or the file is damaged or ends early.
        """
        position = 0
        with _opened(self.path) as file:
            while position < self.samples:
                block = file.read(BLOCK_SAMPLES, dtype="float32", always_2d=True).T
                if block.shape[1] == 0:
                    given = f"{position} of {self.samples} samples: the file is cut off"
                    raise _problem(self.path, "", given, "a whole file")
                self._check_finite(block, position)
                position += block.shape[1]
                yield block

    def _check_finite(self, block: Block, position: int) -> None:
        bad = np.argwhere(~np.isfinite(block.T))
        if len(bad):
            sample, channel = position + int(bad[0, 0]), int(bad[0, 1])
            where = f"sample {sample} ({sample / self.rate_hz:.3f} s), channel {channel + 1}"
            given = str(block[channel, sample - position])
            raise _problem(self.path, where, given, "finite samples")


def open_audio(
    path: Path, from_pipe: bool = False, *, max_channels: int = MAX_CHANNELS
) -> AudioFile:
    """Read and check the header of the audio file at ``path``.

    ``from_pipe`` says that it is what another program wrote into a pipe, not knowing its length.

    Raises:
        InputError: it is no WAV or FLAC file, is cut off or empty, or has a rate that is not
            supported or more channels than ``max_channels``.
    """
    check_regular_file(path)
    with _opened(path) as file:
        audio = AudioFile(path, file.samplerate, file.channels, file.frames)
        if file.format not in FORMATS:
            raise _problem(path, "", f"the format {file.format}", "a WAV or FLAC file")
    check_wav_complete(path, from_pipe)
    problems = []
    if not MIN_RATE_HZ <= audio.rate_hz <= MAX_RATE_HZ:
        allowed = f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz"
        problems.append(Problem("sample rate", f"{audio.rate_hz} Hz", allowed))
    if audio.channels > max_channels:
        problems.append(Problem("channels", str(audio.channels), f"1 to {max_channels}"))
    if audio.samples < 1:
        problems.append(Problem("length", "no samples", "at least one sample"))
    if problems:
        raise InputError(str(path), problems)
    return audio


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    try:
        with soundfile.SoundFile(path) as file:
            yield file
    except soundfile.LibsndfileError as error:
        given = f"a file that libsndfile cannot read ({error.error_string.strip().rstrip('.')})"
        raise _problem(path, "", given, "a WAV or FLAC file") from None
    except OSError as error:
        raise path_error(path, error, READABLE) from None


def _problem(path: Path, field: str, given: str, allowed: str) -> InputError:
    return InputError(str(path), [Problem(field, given, allowed)])
