"""Whole clips of any length through the graphs of a codec, one frame after another."""

from __future__ import annotations

import numpy as np

from reference_models.export.onnx.engine import Array, GraphStream, open_graph
from reference_models.export.onnx.sides import graphs_of
from reference_models.export.program import Program
from reference_models.nn.codec import Codec


def stream_of(codec: Codec, program: Program) -> GraphStream:
    """Return a stream through the graphs of ``program``, which one clip after another may use."""
    models = graphs_of(codec, program)
    return GraphStream(*(open_graph(each.SerializeToString()) for each in models))


def encoded(stream: GraphStream, program: Program, audio: Array) -> Array:
    """Return the codes ``[n, F]`` of ``audio [C, T]``."""
    channels, samples = audio.shape
    hop, late = program.design.hop_samples, program.output.lag
    frames = -(-samples // hop) + late
    padded = np.zeros((1, channels, frames * hop), np.float32)
    padded[0, :, :samples] = audio
    pieces = []
    for start in range(0, frames * hop, hop):
        ended = start + hop > samples
        remaining = samples - start if ended else hop
        pieces.append(stream.run(padded[..., start : start + hop], remaining)[:, 0])
    stream.reset()
    return np.concatenate(pieces[late:], 1)


def decoded(stream: GraphStream, program: Program, codes: Array) -> Array:
    """Return the audio ``[C, T]`` of ``codes [n, F]``, with no other layers active."""
    frames, lag, hop = codes.shape[1], program.output.lag, program.output.rows
    absent = np.array(program.design.quantizer.index_sizes(program.layers))
    given = absent[:, None].repeat(frames + -(-lag // hop), 1)
    given[: len(codes), :frames] = codes
    pieces = [
        stream.run(given[:, f, None, None], 1 if f < frames else frames - f)[0]
        for f in range(given.shape[1])
    ]
    stream.reset()
    return np.concatenate(pieces, 1)[:, lag : lag + frames * hop]
