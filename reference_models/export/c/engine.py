"""The engine that compiles a codec in C and runs it in this process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrac_audit.errors import InputError, Problem
from reference_models.audio.reading import Block
from reference_models.bitstream.header import Fingerprints
from reference_models.bitstream.packing import Indices
from reference_models.export.c.compiler import compiler
from reference_models.export.c.library import SideLibrary, loaded
from reference_models.export.c.source import codec_in_c
from reference_models.export.codec import receive_program, transmit_program
from reference_models.export.program import Program
from reference_models.nn.bounded_delay import refuse_unbounded
from reference_models.nn.codec import Codec
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint


class CEngine:
    """Code in C, on one thread; see :class:`reference_models.streaming.engine.Engine`."""

    absorbed = True

    def __init__(self) -> None:
        """Raises InputError where no compiler is installed."""
        compiler()

    def transmit(self, codec: Codec, threads: int) -> Callable[[], CTransmitStream]:
        """Compile the transmit side."""
        _check(codec, threads)
        side = _library(codec, transmit_program(codec, codec.design.quantizer.layers))
        return lambda: CTransmitStream(side)

    def receive(self, codec: Codec, threads: int) -> Callable[[], CReceiveStream]:
        """Compile the receive side."""
        _check(codec, threads)
        side = _library(codec, receive_program(codec, codec.design.quantizer.layers))
        return lambda: CReceiveStream(side)


def _check(codec: Codec, threads: int) -> None:
    """Make sure that the delay of a codec has a bound, and that one thread is wanted."""
    refuse_unbounded(codec.design)
    if threads != 1:
        allowed = "1: the code in C runs on one thread"
        raise InputError("engine c", [Problem("threads", str(threads), allowed)])


def _library(codec: Codec, program: Program) -> SideLibrary:
    in_c = codec_in_c([program])
    fingerprints = Fingerprints(design_fingerprint(codec.design), weights_fingerprint(codec))
    return SideLibrary(loaded(in_c), in_c.sides[0], fingerprints)


class CTransmitStream:
    """A stream from audio to codes."""

    def __init__(self, side: SideLibrary) -> None:
        design = side.side.program.design
        self._channels = design.audio_channels
        self._library, self._stream = side.library, side.new_stream()
        self._side = side
        self._arguments = (self._stream.ctypes.data, *side.shared)
        self._codes = np.zeros(
            len(design.quantizer.index_sizes(design.quantizer.layers)), np.uint32
        )
        self.reset()

    def frame(self, audio: Block, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that ``audio [C, hop]`` completes."""
        samples = np.ascontiguousarray(audio.T, np.float32)
        count = self._library.lrac_encode_frame(
            *self._arguments, layers, samples.ctypes.data, self._codes.ctypes.data
        )
        return self._taken(count, layers)

    def flush(self, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that are still missing, and start afresh."""
        return self.end(np.zeros((self._channels, 0), np.float32), layers)

    def end(self, audio: Block, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that are still missing after ``audio``, less than a hop."""
        samples, frames = np.ascontiguousarray(audio.T, np.float32), [self._taken(0, layers)]
        while count := self._library.lrac_encode_end(
            *self._arguments, layers, samples.ctypes.data, len(samples), self._codes.ctypes.data
        ):
            frames.append(self._taken(count, layers))
            samples = samples[:0]
        return np.concatenate(frames, 1)

    def reset(self) -> None:
        """Start afresh."""
        self._library.lrac_transmitter_reset(self._stream.ctypes.data)

    def _taken(self, count: int, layers: int) -> Indices:
        """Return the codes of one frame, or of none where their ``count`` is 0."""
        if not count:
            return np.zeros((self._library.lrac_index_count(layers), 0), np.int64)
        return self._codes[:count, np.newaxis].astype(np.int64)


class CReceiveStream:
    """A stream from codes to audio."""

    def __init__(self, side: SideLibrary) -> None:
        self._design = side.side.program.design
        self._library, self._stream = side.library, side.new_stream()
        self._side = side
        self._arguments = (self._stream.ctypes.data, *side.shared)
        self._audio = np.zeros((self._design.hop_samples, self._design.audio_channels), np.float32)
        quantizer = self._design.quantizer
        layers = range(1, quantizer.layers + 1)
        self._layers = {len(quantizer.index_sizes(count)): count for count in layers}
        self.reset()

    def frame(self, codes: Indices) -> Block:
        """Return the audio ``[C, T]`` that ``codes [n, 1]`` complete."""
        indices = np.ascontiguousarray(codes[:, 0], np.uint32)
        samples = self._library.lrac_decode_frame(
            *self._arguments,
            self._layers[len(codes)],
            indices.ctypes.data,
            self._audio.ctypes.data,
        )
        return self._audio[:samples].T.copy()

    def flush(self) -> Block:
        """Return the audio ``[C, T]`` that is still missing, and start afresh."""
        pieces = [self._audio[:0].T]
        while samples := self._library.lrac_decode_end(*self._arguments, self._audio.ctypes.data):
            pieces.append(self._audio[:samples].T.copy())
        return np.concatenate(pieces, 1)

    def reset(self) -> None:
        """Start afresh."""
        self._library.lrac_receiver_reset(self._stream.ctypes.data)
