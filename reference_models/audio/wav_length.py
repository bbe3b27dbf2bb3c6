"""Detection of truncated WAV files, which libsndfile reads without an error."""

from __future__ import annotations

import struct
from pathlib import Path

from lrac_audit.errors import InputError, Problem

_CHUNK = struct.Struct("<4sI")
_UNKNOWN_BYTES = (0, 0xFFFFFFFF)
"""Size of the data that programs declare when they write into a pipe."""
_UNKNOWN_FROM_BYTES = 0x7FFF0000
"""Out of a pipe, this size or more is unknown too: SoX declares 0x7FFFF000, less what is no whole
sample, and ALSA's programs 0x80000000."""


def check_wav_complete(path: Path, from_pipe: bool = False) -> None:
    """Check that a RIFF file holds all the data that its header declares; other files pass.

    ``from_pipe`` says that it is what another program wrote into a pipe.

    Raises:
        InputError: the file ends before its data does.
    """
    file_bytes = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return
        position = 12
        while position + _CHUNK.size <= file_bytes:
            file.seek(position)
            name, chunk_bytes = _CHUNK.unpack(file.read(_CHUNK.size))
            position += _CHUNK.size
            if name == b"data":
                unknown = from_pipe and chunk_bytes >= _UNKNOWN_FROM_BYTES
                _check_present(path, file_bytes - position, 0 if unknown else chunk_bytes)
                return
            position += chunk_bytes + chunk_bytes % 2


def _check_present(path: Path, present_bytes: int, promised_bytes: int) -> None:
    if promised_bytes not in _UNKNOWN_BYTES and present_bytes < promised_bytes:
        given = f"{present_bytes} of {promised_bytes} bytes of samples: the file is cut off"
        raise InputError(str(path), [Problem("", given, "a whole WAV file")])
