"""The header of a ``.lrac`` file: conversion to bytes and back, with checks of every field."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from lrac_audit.design.bounds import MAX_HOP_SAMPLES, MAX_PARTS, MAX_SAMPLE_RATE_HZ, MAX_SIZE
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizer import quantizer_field
from lrac_audit.errors import InputError, Problem, shown
from reference_models.bitstream.packing import payload_bytes

MAGIC = b"LRAC"
VERSION = 1
MAX_AUDIO_SAMPLES = 1 << 48
"""Longest audio that is accepted: centuries."""
_START = struct.Struct(">4sH")
_FIELDS = struct.Struct(">4sH8s8sIIQBB")
_CRC = struct.Struct(">I")
HEADER_BYTES = _FIELDS.size + _CRC.size


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
    """Indices in each frame."""
    bits_per_index: int

    @classmethod
    def of(
        cls, design: CodecDesign, fingerprints: Fingerprints, layers: int, audio_samples: int
    ) -> Header:
        """Return the header of a file that holds ``layers`` layers of a codec of this design."""
        return cls(
            fingerprints=fingerprints,
            sample_rate_hz=design.sample_rate_hz,
            hop_samples=design.hop_samples,
            audio_samples=audio_samples,
            layers=layers,
            bits_per_index=bits_of(index_size(design)),
        )

    @property
    def frames(self) -> int:
        """Frames that the audio takes."""
        return -(-self.audio_samples // self.hop_samples)

    @property
    def payload_bytes(self) -> int:
        """Size of the whole payload."""
        return payload_bytes(self.frames, self.layers, self.bits_per_index)

    @property
    def bitrate_kbps(self) -> float:
        """Payload bits per second of audio, in thousands."""
        return self.layers * self.bits_per_index * self.sample_rate_hz / (self.hop_samples * 1000)

    def to_bytes(self) -> bytes:
        """Return the header's bytes, :data:`HEADER_BYTES` of them."""
        fields = _FIELDS.pack(
            MAGIC,
            VERSION,
            bytes.fromhex(self.fingerprints.design),
            bytes.fromhex(self.fingerprints.weights),
            self.sample_rate_hz,
            self.hop_samples,
            self.audio_samples,
            self.layers,
            self.bits_per_index,
        )
        return fields + _CRC.pack(zlib.crc32(fields))


def parse_header(content: bytes, source: str) -> Header:
    """Return the header at the start of ``content``, which was read from ``source``.

    Raises:
        InputError: it is no header of this program and version, or it is damaged.
    """
    _check_kind(content, source)
    fields, (crc,) = content[: _FIELDS.size], _CRC.unpack_from(content, _FIELDS.size)
    if zlib.crc32(fields) != crc:
        given = f"{crc:08x} for fields of {zlib.crc32(fields):08x}: the header is damaged"
        raise InputError(source, [Problem("header.crc32", given, "the CRC-32 of its fields")])
    _, _, design, weights, rate_hz, hop, samples, layers, bits = _FIELDS.unpack(fields)
    header = Header(
        fingerprints=Fingerprints(design.hex(), weights.hex()),
        sample_rate_hz=rate_hz,
        hop_samples=hop,
        audio_samples=samples,
        layers=layers,
        bits_per_index=bits,
    )
    _check_ranges(header, source)
    return header


def _check_kind(content: bytes, source: str) -> None:
    if content[: len(MAGIC)] != MAGIC:
        given = f"a file that starts with {shown(content[:4])}" if content else "an empty file"
        allowed = "a file that lrac-codec encode wrote, which starts with 'LRAC'"
        raise InputError(source, [Problem("", given, allowed)])
    version = _START.unpack(content[: _START.size])[1] if len(content) >= _START.size else VERSION
    if version != VERSION:
        allowed = f"{VERSION}; a newer lrac-codec may read a newer one"
        raise InputError(source, [Problem("header.version", str(version), allowed)])
    if len(content) < HEADER_BYTES:
        given = f"{len(content)} bytes: the header is cut off"
        raise InputError(source, [Problem("header", given, f"{HEADER_BYTES} bytes")])


def index_size(design: CodecDesign) -> int:
    """Return the number of values of an index, which is the same for all indices of a file.

    Raises:
        InputError: it differs, there is not one index for each layer, or it is too large.
    """
    quantizer = design.quantizer
    sizes = quantizer.index_sizes(quantizer.layers)
    if len(sizes) == quantizer.layers and len(set(sizes)) == 1 and sizes[0] <= MAX_SIZE:
        return sizes[0]
    bits = ", ".join(f"{bits_of(size)}" for size in sizes) or "no"
    allowed = f"one index for each layer, all of the same size, of at most {bits_of(MAX_SIZE)} bits"
    given = f"indices of {bits} bits, which a .lrac file cannot hold"
    raise InputError(design.name, [Problem(quantizer_field(quantizer), given, allowed)])


def bits_of(size: int) -> int:
    """Return the whole bits that one of ``size`` values takes."""
    return (size - 1).bit_length()


def _check_ranges(header: Header, source: str) -> None:
    """Check for values that no encoder writes, although the CRC is right."""
    highest = {
        "sample_rate_hz": MAX_SAMPLE_RATE_HZ,
        "hop_samples": MAX_HOP_SAMPLES,
        "audio_samples": MAX_AUDIO_SAMPLES,
        "layers": MAX_PARTS,
        "bits_per_index": bits_of(MAX_SIZE),
    }
    given = {field: getattr(header, field) for field in highest}
    problems = [
        Problem(f"header.{field}", str(given[field]), f"1 to {high}")
        for field, high in highest.items()
        if not 1 <= given[field] <= high
    ]
    if problems:
        raise InputError(source, problems)
