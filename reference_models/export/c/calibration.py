"""Calibration on audio: the means of values that weights in 8 bits are made with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from reference_models.audio.reading import Block
from reference_models.bitstream.header import Fingerprints
from reference_models.bitstream.packing import Indices
from reference_models.export.c.compiler import QUICK_FLAGS
from reference_models.export.c.engine import CReceiveStream, CTransmitStream
from reference_models.export.c.library import SideLibrary, loaded
from reference_models.export.c.source import codec_in_c
from reference_models.export.program import Program
from reference_models.export.quantization import Means, read_by_products


def means_of(
    program: Program, fingerprints: Fingerprints, frames: Sequence[Block], codes: Indices
) -> Means:
    """Return the mean of each column of what products read, by code compiled to show it.

    Args:
        program: The side that is calibrated.
        fingerprints: Those of its codec.
        frames: The audio ``[C, hop]`` of each frame, which the transmit side codes.
        codes: The codes ``[n, F]`` of as many frames, which the receive side decodes.
    """
    watched = read_by_products(program)
    in_c = codec_in_c([replace(program, watched=watched)])
    side = SideLibrary(loaded(in_c, QUICK_FLAGS), in_c.sides[0], fingerprints)
    sums = {name: np.zeros(program.values[name].columns) for name in watched}
    for _ in _run(side, frames, codes):
        for name in watched:
            sums[name] += side.value(name).mean(0)
    return {name: (total / len(frames)).astype(np.float32) for name, total in sums.items()}


def _run(side: SideLibrary, frames: Sequence[Block], codes: Indices) -> Iterator[None]:
    """Run a stream, and stop behind each of its frames."""
    program = side.side.program
    if program.side == "transmit":
        sender = CTransmitStream(side)
        for frame in frames:
            sender.frame(frame, program.layers)
            yield
    else:
        receiver = CReceiveStream(side)
        for f in range(codes.shape[1]):
            receiver.frame(codes[:, f : f + 1])
            yield
