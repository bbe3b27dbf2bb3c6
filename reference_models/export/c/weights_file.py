"""The weights file of one side: a header of 64 bytes, then floats. All of it is little-endian.

======  ==========================  ======  ===============================
offset  what                        offset  what
======  ==========================  ======  ===============================
0       ``LRWT``                    28      layers
4       format version, 1           32      number of floats
8       fingerprint of the design   36      CRC-32 of the floats
16      fingerprint of the weights  40      CRC-32 of everything before it
24      side: 0 transmits           44      zeros
======  ==========================  ======  ===============================
"""

from __future__ import annotations

import struct
import zlib

from reference_models.bitstream.header import Fingerprints
from reference_models.export.c.side import Side

MAGIC, VERSION = b"LRWT", 1
HEADER_BYTES = 64
_FIELDS = struct.Struct("<4sI8s8s4I")
_CRC = struct.Struct("<I")
SIDES = ("transmit", "receive")


def weights_file(side: Side, fingerprints: Fingerprints) -> bytes:
    """Return the content of the weights file of one side."""
    floats = side.weights.astype("<f4").tobytes()
    fields = _FIELDS.pack(
        MAGIC,
        VERSION,
        bytes.fromhex(fingerprints.design),
        bytes.fromhex(fingerprints.weights),
        SIDES.index(side.program.side),
        side.program.layers,
        side.weights.size,
        zlib.crc32(floats),
    )
    return (fields + _CRC.pack(zlib.crc32(fields))).ljust(HEADER_BYTES, b"\0") + floats
