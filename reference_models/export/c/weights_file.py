"""The weights file of one side: a header of 64 bytes, then weights. All is little-endian.

======  ==========================  ======  ===============================
offset  what                        offset  what
======  ==========================  ======  ===============================
0       ``LRWT``                    28      layers
4       1: floats, 2: in 8 bits     32      number of 4 bytes of weights
8       fingerprint of the design   36      CRC-32 of the weights
16      fingerprint of the weights  40      CRC-32 of everything before it
24      side: 0 transmits           44      zeros
======  ==========================  ======  ===============================
"""

from __future__ import annotations

import struct
import zlib

from reference_models.bitstream.header import Fingerprints
from reference_models.export.c.code import VALUE_BYTES
from reference_models.export.c.side import SIDES, Side

MAGIC = b"LRWT"
FLOATS, INT8 = 1, 2
HEADER_BYTES = 64
_FIELDS = struct.Struct("<4sI8s8s4I")
_CRC = struct.Struct("<I")


def weights_file(side: Side, fingerprints: Fingerprints) -> bytes:
    """Return the content of the weights file of one side."""
    fields = _FIELDS.pack(
        MAGIC,
        INT8 if side.is_int8 else FLOATS,
        bytes.fromhex(fingerprints.design),
        bytes.fromhex(fingerprints.weights),
        SIDES.index(side.program.side),
        side.program.layers,
        len(side.weights) // VALUE_BYTES,
        zlib.crc32(side.weights),
    )
    return (fields + _CRC.pack(zlib.crc32(fields))).ljust(HEADER_BYTES, b"\0") + side.weights
