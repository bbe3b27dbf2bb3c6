"""Reading of the header of a ``.lrac`` file, with checks of every field."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from lrac_audit.design.bounds import MAX_HOP_SAMPLES, MAX_PARTS, MAX_SAMPLE_RATE_HZ
from lrac_audit.design.quantizers.fsq import MAX_INDEX_BITS
from lrac_audit.errors import InputError, Problem, shown
from reference_models.bitstream.header import (
    ANY_INDICES,
    COUNT_OF_INDICES,
    CRC,
    EQUAL_INDICES,
    FIELDS,
    MAGIC,
    MAX_EQUAL_BITS,
    MAX_INDICES,
    START,
    Fingerprints,
    Header,
)

MAX_AUDIO_SAMPLES = 1 << 48
"""Longest audio that is accepted: centuries."""


def parse_header(content: bytes, source: str) -> Header:
    """Return the header at the start of ``content``, which was read from ``source``.

    Raises:
        InputError: it is no header of this program and version, or it is damaged.
    """
    version = _version(content, source)
    end, bits = _index_bits(content, version, source)
    fields, (crc,) = content[:end], CRC.unpack_from(content, end)
    if zlib.crc32(fields) != crc:
        given = f"{crc:08x} for fields of {zlib.crc32(fields):08x}: the header is damaged"
        raise InputError(source, [Problem("header.crc32", given, "the CRC-32 of its fields")])
    _, _, design, weights, rate_hz, hop, samples, layers = FIELDS.unpack_from(content)
    header = Header(
        fingerprints=Fingerprints(design.hex(), weights.hex()),
        sample_rate_hz=rate_hz,
        hop_samples=hop,
        audio_samples=samples,
        layers=layers,
        index_bits=(bits * layers if version == EQUAL_INDICES else bits),
    )
    problems = [*_range_problems(header), *_index_problems(version, bits)]
    if not problems and header.version != version:
        allowed = f"{header.version}, which can say the same"
        problems.append(Problem("header.version", str(version), allowed))
    if problems:
        raise InputError(source, problems)
    return header


def _version(content: bytes, source: str) -> int:
    """Return the format version of a file of this program."""
    if content[: len(MAGIC)] != MAGIC:
        given = f"a file that starts with {shown(content[:4])}" if content else "an empty file"
        allowed = "a file that lrac-codec encode wrote, which starts with 'LRAC'"
        raise InputError(source, [Problem("", given, allowed)])
    version: int = EQUAL_INDICES
    if len(content) >= START.size:
        version = START.unpack_from(content)[1]
    if version not in (EQUAL_INDICES, ANY_INDICES):
        allowed = f"{EQUAL_INDICES} or {ANY_INDICES}; a newer lrac-codec may read a newer one"
        raise InputError(source, [Problem("header.version", str(version), allowed)])
    return version


def _index_bits(content: bytes, version: int, source: str) -> tuple[int, tuple[int, ...]]:
    """Return where the fields end, and the bits of the indices that the header states."""
    first, count = FIELDS.size, 1
    if version == ANY_INDICES:
        first += COUNT_OF_INDICES.size
        if len(content) >= first:
            (count,) = COUNT_OF_INDICES.unpack_from(content, FIELDS.size)
    if count > MAX_INDICES:
        problem = Problem("header.indices", str(count), f"1 to {MAX_INDICES}")
        raise InputError(source, [problem])
    needed = first + count + CRC.size
    if len(content) < needed:
        given = f"{len(content)} bytes: the header is cut off"
        raise InputError(source, [Problem("header", given, f"{needed} bytes")])
    return first + count, tuple(content[first : first + count])


def _range_problems(header: Header) -> Iterator[Problem]:
    """Yield the values that no encoder writes, although the CRC is right."""
    highest = {
        "sample_rate_hz": MAX_SAMPLE_RATE_HZ,
        "hop_samples": MAX_HOP_SAMPLES,
        "audio_samples": MAX_AUDIO_SAMPLES,
        "layers": MAX_PARTS,
    }
    for field, high in highest.items():
        given = getattr(header, field)
        if not 1 <= given <= high:
            yield Problem(f"header.{field}", str(given), f"1 to {high}")


def _index_problems(version: int, bits: tuple[int, ...]) -> Iterator[Problem]:
    if not bits:
        yield Problem("header.indices", "0", f"1 to {MAX_INDICES}")
    high = MAX_EQUAL_BITS if version == EQUAL_INDICES else MAX_INDEX_BITS
    wrong = next((given for given in bits if not 1 <= given <= high), None)
    if wrong is not None:
        yield Problem("header.bits_per_index", str(wrong), f"1 to {high}")
