"""Running of a graph by ONNX Runtime, frame by frame, with nothing but the file of the graph.

Two sets of states take turns: what one frame writes the next one reads, and no state is copied.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, OrtValue, SessionOptions

Array = NDArray[Any]
DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}


def open_graph(graph: str | bytes, threads: int = 1) -> InferenceSession:
    """Load the file of a graph, or its content; more than one thread seldom helps."""
    options = SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class GraphStream:
    """One stream through a graph; many may share one session."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        given, written = session.get_inputs(), session.get_outputs()
        buffers = {each.name: np.zeros(each.shape, DTYPES[each.type]) for each in given}
        self._given, self._frame = buffers[given[0].name], buffers["frame"]
        self._remaining = buffers["remaining"]
        self.output = np.zeros(written[0].shape, DTYPES[written[0].type])
        self._states = [
            {name: buffers[name].copy() for name in buffers if name.startswith("state.")}
            for _ in range(2)
        ]
        self._bindings = []
        for before, after in (self._states, self._states[::-1]):
            binding = session.io_binding()
            for name, buffer in (buffers | before).items():
                binding.bind_ortvalue_input(name, OrtValue.ortvalue_from_numpy(buffer))
            outputs = {written[0].name: self.output}
            outputs |= {name.replace("state.", "next.", 1): each for name, each in after.items()}
            for name, buffer in outputs.items():
                binding.bind_ortvalue_output(name, OrtValue.ortvalue_from_numpy(buffer))
            self._bindings.append(binding)

    def run(self, given: Array, remaining: int) -> Array:
        """Return the output of the next frame; see the page on export for ``remaining``."""
        self._given[...], self._remaining[...] = given, remaining
        self._session.run_with_iobinding(self._bindings[int(self._frame) % 2])
        self._frame += 1
        return self.output.copy()

    def reset(self) -> None:
        """Start afresh."""
        self._frame[...] = 0
        for state in self._states[0].values():
            state.fill(0)
