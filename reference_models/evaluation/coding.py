"""Coding of one utterance through a file, as its user would do it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from reference_models.audio.reading import AudioFile, open_audio
from reference_models.bitstream.reader import open_bitstream
from reference_models.nn.codec import Codec
from reference_models.streaming.file_coding import decode_file, encode_file


class Coded(NamedTuple):
    """The size of a coded utterance, and the speech that is decoded from it."""

    bits: int
    """Of the coded file without its header."""
    decoded: AudioFile


@contextmanager
def coded(codec: Codec, source: AudioFile, layers: int) -> Iterator[Coded]:
    """Encode and decode ``source`` with ``layers`` of the quantizer; the files last for the block.

    Raises:
        InputError: the audio file is damaged.
    """
    with tempfile.TemporaryDirectory() as folder:
        bitstream_path, decoded_path = Path(folder, "coded.lrac"), Path(folder, "decoded.wav")
        encode_file(codec, source, bitstream_path, layers, _ignored)
        bitstream = open_bitstream(bitstream_path)
        decode_file(codec, bitstream, decoded_path, layers, _ignored)
        yield Coded(8 * bitstream.header.payload_bytes, open_audio(decoded_path))


def _ignored(done: int) -> None:
    """Take the progress of one file, which is too short to be shown."""
