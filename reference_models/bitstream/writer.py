"""Writing of ``.lrac`` files while the codec runs."""

from __future__ import annotations

from typing import BinaryIO

from reference_models.bitstream.header import HEADER_BYTES, Header
from reference_models.bitstream.packing import IndexPacker, Indices


class BitstreamWriter:
    """Writes frames as they come; the header last, when the length of the audio is known."""

    def __init__(self, file: BinaryIO, bits_per_index: int) -> None:
        self._file = file
        self._packer = IndexPacker(bits_per_index)
        self._frames = 0
        file.write(bytes(HEADER_BYTES))

    def push(self, indices: Indices) -> None:
        """Add the frames of ``indices [n, F]``; n is the same in every call."""
        self._frames += indices.shape[1]
        self._file.write(self._packer.push(indices))

    def finish(self, header: Header) -> None:
        """Write the last byte and the header, and leave the file at its end.

        Raises:
            ValueError: the header declares another number of frames than was pushed.
        """
        if header.frames != self._frames:
            raise ValueError(f"{self._frames} frames for a header of {header.frames}")
        self._file.write(self._packer.finish())
        self._file.seek(0)
        self._file.write(header.to_bytes())
        self._file.seek(0, 2)
