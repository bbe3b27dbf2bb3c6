"""Writing of ``.lrac`` files while the codec runs."""

from __future__ import annotations

from typing import BinaryIO

from reference_models.bitstream.header import Header
from reference_models.bitstream.packing import IndexPacker, Indices


class BitstreamWriter:
    """Writes frames as they come, and the header last."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        """``header`` is the one to be written at the end, so that a broken file has none."""
        self._file = file
        self._header = header
        self._packer = IndexPacker(header.index_bits)
        self._frames = 0
        file.write(bytes(header.size_bytes))

    def push(self, indices: Indices) -> None:
        """Add the frames of ``indices [n, F]``; n is the same in every call."""
        self._frames += indices.shape[1]
        self._file.write(self._packer.push(indices))

    def finish(self) -> None:
        """Write the last byte and the header, and leave the file at its end.

        Raises:
            ValueError: the header declares another number of frames than was pushed.
        """
        if self._header.frames != self._frames:
            raise ValueError(f"{self._frames} frames for a header of {self._header.frames}")
        self._file.write(self._packer.finish())
        self._file.seek(0)
        self._file.write(self._header.to_bytes())
        self._file.seek(0, 2)
