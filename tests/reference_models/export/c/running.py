"""Codecs in C, compiled with warnings as errors and run through their own interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from reference_models.export.c.engine import CReceiveStream, CTransmitStream
from reference_models.export.c.library import SideLibrary, loaded
from reference_models.export.c.source import codec_in_c
from reference_models.export.codec import programs_of
from reference_models.export.quantization import Means
from reference_models.nn.codec import Codec
from reference_models.streaming.file_coding import fingerprints

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
QUICK = ("-O0",)
"""What compiles fastest; the sweep has the others."""
UNDEFINED = ("-fsanitize=undefined", "-fno-sanitize-recover=all")


class Compiled:
    """Both sides of a codec in one library."""

    def __init__(
        self,
        codec: Codec,
        flags: Sequence[str] = QUICK,
        means: Mapping[str, Means] = MappingProxyType({}),
    ) -> None:
        """Compile them; sides with ``means`` of their values have weights in 8 bits."""
        in_c = codec_in_c(programs_of(codec), means)
        self.design = codec.design
        self.library = loaded(in_c, (*WARNINGS, *flags))
        self.parts = in_c.sides
        self._sides = [SideLibrary(self.library, side, fingerprints(codec)) for side in in_c.sides]

    def streams(self) -> tuple[CTransmitStream, CReceiveStream]:
        """Return a stream of each side."""
        return CTransmitStream(self._sides[0]), CReceiveStream(self._sides[1])

    def encode(self, audio: NDArray[np.float32], layers: int) -> NDArray[np.int64]:
        """Return the codes ``[n, F]`` of a whole clip ``[C, T]``."""
        (stream, _), hop = self.streams(), self.design.hop_samples
        whole = audio.shape[1] // hop * hop
        frames = [stream.frame(audio[:, at : at + hop], layers) for at in range(0, whole, hop)]
        return np.concatenate([*frames, stream.end(audio[:, whole:], layers)], 1)

    def decode(self, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the audio ``[C, T]`` of all frames of ``codes [n, F]``."""
        _, stream = self.streams()
        frames = [stream.frame(codes[:, f : f + 1]) for f in range(codes.shape[1])]
        return np.concatenate([*frames, stream.flush()], 1)
