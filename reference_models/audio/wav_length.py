"""Whether a WAV file is cut off: libsndfile reads what is there without a word."""

from __future__ import annotations

import struct
from pathlib import Path

from lrac_audit.errors import InputError, Problem

_CHUNK = struct.Struct("<4sI")
_UNKNOWN_BYTES = (0, 0xFFFFFFFF)
"""What programs that write into a pipe put for the size of the data."""


def check_wav_complete(path: Path) -> None:
    """Make sure that the data that a RIFF file promises is there; other files pass.

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
                _check_present(path, file_bytes - position, chunk_bytes)
                return
            position += chunk_bytes + chunk_bytes % 2


def _check_present(path: Path, present_bytes: int, promised_bytes: int) -> None:
    if promised_bytes not in _UNKNOWN_BYTES and present_bytes < promised_bytes:
        given = f"{present_bytes} of {promised_bytes} bytes of samples: the file is cut off"
        raise InputError(str(path), [Problem("", given, "a whole WAV file")])
