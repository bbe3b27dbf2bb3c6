"""Reading of ``.lrac`` files: checked, and never more than a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem
from lrac_audit.files import READABLE, check_regular_file, path_error
from reference_models.bitstream.header import MAX_HEADER_BYTES, Fingerprints, Header
from reference_models.bitstream.header_reading import parse_header
from reference_models.bitstream.packing import Indices, payload_bytes, unpack

MAX_FRAMES_PER_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Bitstream:
    """A ``.lrac`` file whose header has been read and checked."""

    path: Path
    header: Header
    present_bytes: int
    """Size of the payload that the file holds."""

    @property
    def frames(self) -> int:
        """Whole frames that can be decoded: fewer than the header's when the file is cut off."""
        return min(self.header.frames, self.present_bytes * 8 // self.header.bits_per_frame)

    @property
    def audio_samples(self) -> int:
        """Audio samples per channel that can be decoded."""
        return min(self.header.audio_samples, self.frames * self.header.hop_samples)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Oddities of the file that do not prevent decoding."""
        missing_bytes = self.header.payload_bytes - self.present_bytes
        if missing_bytes > 0:
            lost = f"decodes up to frame {self.frames} of {self.header.frames}"
            return (f"the payload is cut off, {missing_bytes} bytes are missing; {lost}",)
        if missing_bytes < 0:
            return (f"{-missing_bytes} bytes after the end of the payload are ignored",)
        return ()

    def check_codec(self, design: CodecDesign, fingerprints: Fingerprints) -> None:
        """Check that the codec of ``design`` is the one that wrote this file.

        Raises:
            InputError: it is of another design, or has other weights.
        """
        layers = min(self.header.layers, design.quantizer.layers)
        ours = Header.of(design, fingerprints, layers, self.header.audio_samples)
        given, allowed = self.header.fingerprints, fingerprints
        if given.design != allowed.design:
            problem = _of_another("design", given.design, f"{allowed.design} ({design.name})")
        elif given.weights != allowed.weights:
            problem = _of_another("weights", given.weights, f"{allowed.weights}, those given")
        elif self.header != ours:
            given_text = "a rate, hop, index size or layer count that its design does not have"
            problem = Problem("header", given_text, f"what {design.name} writes")
        else:
            return
        raise InputError(str(self.path), [problem])

    def chunks(
        self, sizes: Sequence[int], frames_at_once: int = MAX_FRAMES_PER_CHUNK
    ) -> Iterator[Indices]:
        """Yield the decodable frames in order, in chunks of indices ``[n, F]``.

        Args:
            sizes: The number of values of each of the first n indices of a frame, which every
                index must stay below; what follows them in a frame is left out.
            frames_at_once: F of a chunk, brought to a multiple of 8 from 8 to 1024, so that every
                chunk starts at a whole byte and none is large.

        Raises:
            InputError: an index is beyond its size, or the file cannot be read.
        """
        step = max(min(frames_at_once, MAX_FRAMES_PER_CHUNK) // 8 * 8, 8)
        bits_per_frame = self.header.bits_per_frame
        try:
            with self.path.open("rb") as file:
                file.seek(self.header.size_bytes)
                for start in range(0, self.frames, step):
                    frames = min(step, self.frames - start)
                    content = file.read(payload_bytes(frames, bits_per_frame))
                    indices = unpack(content, self.header.index_bits)[: len(sizes), :frames]
                    self._check_indices(indices, start, sizes)
                    yield indices
        except OSError as error:
            raise path_error(self.path, error, READABLE) from None

    def _check_indices(self, indices: Indices, start: int, sizes: Sequence[int]) -> None:
        wrong = (indices >= np.array(sizes)[:, np.newaxis]).nonzero()
        if len(wrong[0]):
            which, frame = int(wrong[0][0]), int(wrong[1][0])
            one_each = len(self.header.index_bits) == self.header.layers
            field = f"frame {start + frame}, {'layer' if one_each else 'index'} {which}"
            given = f"index {indices[which, frame]}: the payload is damaged"
            raise InputError(str(self.path), [Problem(field, given, f"0 to {sizes[which] - 1}")])


def open_bitstream(path: Path) -> Bitstream:
    """Read and check the header of the file at ``path``.

    Raises:
        InputError: there is no such file, it is no ``.lrac`` file, or not even one frame of it is
            there.
    """
    check_regular_file(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_HEADER_BYTES)
            size_bytes = file.seek(0, 2)
    except OSError as error:
        raise path_error(path, error, READABLE) from None
    header = parse_header(content, str(path))
    present_bytes = size_bytes - header.size_bytes
    bitstream = Bitstream(path, header, present_bytes)
    if bitstream.frames == 0:
        given = f"{present_bytes} bytes: not one whole frame"
        allowed = f"{bitstream.header.payload_bytes} bytes, of which at least the first frame"
        raise InputError(str(path), [Problem("payload", given, allowed)])
    return bitstream


def _of_another(what: str, given: str, allowed: str) -> Problem:
    return Problem(f"header.{what}", f"a file of the {what} {given}", allowed)
