"""The header of a ``.lrac`` file: what it says, and its bytes."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from lrac_audit.design.bounds import MAX_PARTS, MAX_SIZE
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizer import quantizer_field
from lrac_audit.errors import InputError, Problem
from reference_models.bitstream.packing import payload_bytes

MAGIC = b"LRAC"
EQUAL_INDICES, ANY_INDICES = 1, 2
"""Format versions: one index of one size for each layer, or indices of any sizes."""
START = struct.Struct(">4sH")
FIELDS = struct.Struct(">4sH8s8sIIQB")
COUNT_OF_INDICES = struct.Struct(">H")
CRC = struct.Struct(">I")
MAX_INDICES = MAX_PARTS * MAX_PARTS
"""Indices in a frame: as many groups as there may be, in as many layers."""
MAX_HEADER_BYTES = FIELDS.size + COUNT_OF_INDICES.size + MAX_INDICES + CRC.size


def bits_of(size: int) -> int:
    """Return the whole bits that one of ``size`` values takes."""
    return (size - 1).bit_length()


MAX_EQUAL_BITS = bits_of(MAX_SIZE)


class Fingerprints(NamedTuple):
    """Fingerprints of the codec of a file, each as 16 hexadecimal digits."""

    design: str
    weights: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fields of the header of a ``.lrac`` file."""

    fingerprints: Fingerprints
    sample_rate_hz: int
    hop_samples: int
    """Audio samples per frame and channel."""
    audio_samples: int
    """Length of the audio per channel; the last frame may reach beyond it."""
    layers: int
    """Layers of the quantizer in each frame."""
    index_bits: tuple[int, ...]
    """Bits of each index of a frame, in the order in which they stand there."""

    @classmethod
    def of(
        cls, design: CodecDesign, fingerprints: Fingerprints, layers: int, audio_samples: int
    ) -> Header:
        """Return the header of a file that holds ``layers`` layers of a codec of this design.

        Raises:
            InputError: its frames hold no index.
        """
        return cls(
            fingerprints=fingerprints,
            sample_rate_hz=design.sample_rate_hz,
            hop_samples=design.hop_samples,
            audio_samples=audio_samples,
            layers=layers,
            index_bits=tuple(bits_of(size) for size in index_sizes(design, layers)),
        )

    @property
    def version(self) -> int:
        """The format version, the lowest one that can say the bits of the indices."""
        equal = len(self.index_bits) == self.layers and len(set(self.index_bits)) == 1
        return EQUAL_INDICES if equal and self.index_bits[0] <= MAX_EQUAL_BITS else ANY_INDICES

    @property
    def size_bytes(self) -> int:
        """Size of the header itself."""
        return len(self.to_bytes())

    @property
    def frames(self) -> int:
        """Frames that the audio takes."""
        return -(-self.audio_samples // self.hop_samples)

    @property
    def bits_per_frame(self) -> int:
        """Bits of all indices of a frame."""
        return sum(self.index_bits)

    @property
    def payload_bytes(self) -> int:
        """Size of the whole payload."""
        return payload_bytes(self.frames, self.bits_per_frame)

    @property
    def bitrate_kbps(self) -> float:
        """Payload bits per second of audio, in thousands."""
        return self.bits_per_frame * self.sample_rate_hz / (self.hop_samples * 1000)

    def to_bytes(self) -> bytes:
        """Return the header's bytes."""
        fields = FIELDS.pack(
            MAGIC,
            self.version,
            bytes.fromhex(self.fingerprints.design),
            bytes.fromhex(self.fingerprints.weights),
            self.sample_rate_hz,
            self.hop_samples,
            self.audio_samples,
            self.layers,
        )
        if self.version == EQUAL_INDICES:
            fields += bytes(self.index_bits[:1])
        else:
            fields += COUNT_OF_INDICES.pack(len(self.index_bits)) + bytes(self.index_bits)
        return fields + CRC.pack(zlib.crc32(fields))


def index_sizes(design: CodecDesign, layers: int) -> tuple[int, ...]:
    """Return the number of values of each index of a frame with ``layers`` layers.

    Raises:
        InputError: the design quantizes nothing, so that a file would hold nothing.
    """
    sizes = design.quantizer.index_sizes(layers)
    if sizes:
        return sizes
    field = quantizer_field(design.quantizer)
    given = "no indices, which a .lrac file consists of"
    raise InputError(design.name, [Problem(field, given, "a quantizer that has some")])
