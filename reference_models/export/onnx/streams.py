"""ONNX Runtime as an engine of streams; see :mod:`reference_models.streaming.engine`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnxruntime import InferenceSession

from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices
from reference_models.export.codec import receive_program, transmit_program
from reference_models.export.onnx.engine import Array, GraphStream, open_graph
from reference_models.export.onnx.sides import graphs_of
from reference_models.export.program import Program
from reference_models.nn.bounded_delay import refuse_unbounded
from reference_models.nn.codec import Codec

Graphs = tuple[InferenceSession, ...]
"""The graphs of a side for the midst of a clip and for its edges."""


class OnnxEngine:
    """ONNX Runtime on the CPU, which runs the graphs that an export writes."""

    absorbed = True

    def transmit(self, codec: Codec, threads: int) -> Callable[[], OnnxTransmitStream]:
        """Prepare the transmit side, with all layers of the quantizer."""
        refuse_unbounded(codec.design)
        program = transmit_program(codec, codec.design.quantizer.layers)
        graphs = _opened(codec, program, threads)
        return lambda: OnnxTransmitStream(graphs, program)

    def receive(self, codec: Codec, threads: int) -> Callable[[], OnnxReceiveStream]:
        """Prepare the receive side, with all layers of the quantizer."""
        refuse_unbounded(codec.design)
        program = receive_program(codec, codec.design.quantizer.layers)
        graphs = _opened(codec, program, threads)
        return lambda: OnnxReceiveStream(graphs, program)


def _opened(codec: Codec, program: Program, threads: int) -> Graphs:
    models = graphs_of(codec, program)
    return tuple(open_graph(each.SerializeToString(), threads) for each in models)


class _Stream:
    """A stream whose output starts at the first step of the clip."""

    def __init__(self, graphs: Graphs, program: Program, frame_steps: int) -> None:
        """Start a stream with ``frame_steps`` steps of input in each frame."""
        self._graph = GraphStream(*graphs)
        self._output, self._frame_steps = program.output, frame_steps
        self.reset()

    def reset(self) -> None:
        """Start afresh."""
        self._graph.reset()
        self._frames, self._to_drop = 0, self._output.lag

    def _next(self, given: Array) -> Array:
        self._frames += 1
        return self._cut(self._graph.run(given, self._frame_steps))

    def _rest(self, given: Array) -> Array:
        """Return the steps that are missing at the end, whose frames take ``given``."""
        late = -(-self._output.lag // self._output.rows)
        remaining = [-frame * self._frame_steps for frame in range(late)]
        pieces = [self._cut(self._graph.run(given, steps)) for steps in remaining]
        missing = min(self._frames * self._output.rows, self._output.lag)
        self.reset()
        return np.concatenate([self._graph.output[..., :0], *pieces], -1)[..., :missing]

    def _cut(self, steps: Array) -> Array:
        dropped = min(self._to_drop, steps.shape[-1])
        self._to_drop -= dropped
        return steps[..., dropped:]


class OnnxTransmitStream(_Stream):
    """A stream from audio to codes; see :class:`.engine.TransmitStream`."""

    def __init__(self, graphs: Graphs, program: Program) -> None:
        design = program.design
        self._quantizer = design.quantizer
        self._silence = np.zeros((1, design.audio_channels, design.hop_samples), np.float32)
        super().__init__(graphs, program, design.hop_samples)

    def frame(self, audio: Block, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that ``audio [C, hop]`` completes."""
        return self._of_layers(self._next(audio[None]), layers)

    def flush(self, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that are still missing, and start afresh."""
        return self._of_layers(self._rest(self._silence), layers)

    def _of_layers(self, codes: Array, layers: int) -> Indices:
        return codes[: len(self._quantizer.index_sizes(layers)), 0]


class OnnxReceiveStream(_Stream):
    """A stream from codes to audio; see :class:`.engine.ReceiveStream`."""

    def __init__(self, graphs: Graphs, program: Program) -> None:
        sizes = program.design.quantizer.index_sizes(program.layers)
        self._absent = np.array(sizes)[:, None, None]
        super().__init__(graphs, program, 1)

    def frame(self, codes: Indices) -> Block:
        """Return the audio ``[C, T]`` that ``codes [n, 1]`` complete."""
        given = self._absent.copy()
        given[: len(codes), 0] = codes
        audio: Block = self._next(given)[0]
        return audio

    def flush(self) -> Block:
        """Return the audio ``[C, T]`` that is still missing, and start afresh."""
        audio: Block = self._rest(self._absent)[0]
        return audio
