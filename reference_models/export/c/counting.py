"""Counting of what the code in C computes in a frame, by a build of it with counters."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lrac_audit.design.parts import CodecDesign
from reference_models.bitstream.header import Fingerprints
from reference_models.export.c.compiler import QUICK_FLAGS
from reference_models.export.c.engine import CReceiveStream, CTransmitStream
from reference_models.export.c.library import SideLibrary, loaded
from reference_models.export.c.source import codec_in_c
from reference_models.export.codec import programs_of
from reference_models.nn.build import build
from reference_models.nn.codec import Codec
from reference_models.nn.conv import fold_weight_norm
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint

OPERATIONS = (
    "multiply_adds",
    "additions",
    "multiplications",
    "divisions",
    "comparisons",
    "square_roots",
    "transcendentals",
)
"""The basic operations that are counted, as ``lrac_row_counts`` has them."""


def counted_frame(design: CodecDesign, layers: int) -> Mapping[str, Mapping[str, int]]:
    """Return how many operations the code in C of ``design`` computes in a frame.

    They are given by row of the ledger, named behind its side, and then by operation, for a stream
    in its steady state. They depend on neither weights nor audio, so the weights are untrained and
    the audio is silence.

    Raises:
        InputError: there is no C compiler, or the design has parts that have no code in C.
    """
    codec = build(design).eval()
    fold_weight_norm(codec)
    counting = _CountingBuild(codec, layers)
    for _ in range(counting.start_frames):
        counting.run_frame()
    before = counting.counts()
    counting.run_frame()
    counts = (counting.counts() - before).tolist()
    each = (dict(zip(OPERATIONS, row, strict=True)) for row in counts)
    return dict(zip(counting.rows, each, strict=True))


class _CountingBuild:
    """A build with counters, and a stream of each side."""

    def __init__(self, codec: Codec, layers: int) -> None:
        programs = programs_of(codec, layers)
        in_c = codec_in_c(programs)
        library = loaded(in_c, (*QUICK_FLAGS, "-DLRAC_COUNT"))
        fingerprints = Fingerprints(design_fingerprint(codec.design), weights_fingerprint(codec))
        transmit, receive = (SideLibrary(library, side, fingerprints) for side in in_c.sides)
        self._transmit, self._receive = CTransmitStream(transmit), CReceiveStream(receive)
        self._design, self._layers = codec.design, layers
        counters = ctypes.c_uint64 * (len(in_c.rows) * len(OPERATIONS))
        self._counters = np.ctypeslib.as_array(counters.in_dll(library, "lrac_counts"))
        self.rows = in_c.rows
        self.start_frames = max(program.start_frames for program in programs)

    def run_frame(self) -> None:
        """Code a frame of silence on both sides."""
        design, layers = self._design, self._layers
        silence = np.zeros((design.audio_channels, design.hop_samples), np.float32)
        self._transmit.frame(silence, layers)
        self._receive.frame(np.zeros((len(design.quantizer.index_sizes(layers)), 1), np.int64))

    def counts(self) -> NDArray[np.uint64]:
        """Return the counters ``[rows, operations]`` as they are now."""
        return self._counters.reshape(len(self.rows), len(OPERATIONS)).copy()
