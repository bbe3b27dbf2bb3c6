"""A codec in C, compiled for this process, with weights of some sides in 8 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lrac_audit.ledger.row import Side
from reference_models.audio.reading import Block
from reference_models.bitstream.header import Fingerprints
from reference_models.bitstream.packing import Indices
from reference_models.export.c.calibration import means_of
from reference_models.export.c.engine import CReceiveStream, CTransmitStream
from reference_models.export.c.export import write_files
from reference_models.export.c.library import SideLibrary, loaded
from reference_models.export.c.source import codec_in_c
from reference_models.export.c.weights_file import weights_file
from reference_models.export.codec import Programs
from reference_models.export.program import Program
from reference_models.export.quantization import Means
from reference_models.nn.codec import Codec
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint


class CForm:
    """Both sides in one library; see :class:`reference_models.export.int8_export.Form`."""

    def __init__(self, codec: Codec, programs: Programs, means: Mapping[str, Means]) -> None:
        """Compile them.

        Raises:
            InputError: there is no compiler, or an operation has no code in C.
        """
        self._programs = programs
        self._in_c = codec_in_c(programs, means)
        self._fingerprints = Fingerprints(
            design_fingerprint(codec.design), weights_fingerprint(codec)
        )
        library = loaded(self._in_c)
        self._sides: dict[str, SideLibrary] = {
            side.program.side: SideLibrary(library, side, self._fingerprints)
            for side in self._in_c.sides
        }

    def transmit(self) -> CTransmitStream:
        """Return a fresh stream from audio to codes."""
        return CTransmitStream(self._sides["transmit"])

    def receive(self) -> CReceiveStream:
        """Return a fresh stream from codes to audio."""
        return CReceiveStream(self._sides["receive"])

    def means(self, side: Side, frames: Sequence[Block], codes: Indices) -> Means:
        """Return the means of what products of a side read, by code that is compiled for it."""
        program: Program = getattr(self._programs, side)
        return means_of(program, self._fingerprints, frames, codes)

    def size_bytes(self, side: Side) -> int:
        """Return the size of the weights file of a side."""
        return len(weights_file(self._sides[side].side, self._fingerprints))

    def write(self, folder: Path) -> list[Path]:
        """Write the code and the weights into ``folder`` and return the files."""
        return write_files(self._in_c, self._fingerprints, folder)
