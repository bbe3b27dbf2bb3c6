"""Running of a side by ONNX Runtime, frame by frame, with nothing but the files of its graphs."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import ExecutionOrder, InferenceSession, OrtValue, SessionOptions

Array = NDArray[Any]
DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}


def open_graph(graph: Path | bytes, threads: int = 1) -> InferenceSession:
    """Load the file of a graph, or its content, with the options that take the least time."""
    options = SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.disable_quant_qdq", "1")  # weights become floats once
    options.execution_order, options.enable_mem_reuse = ExecutionOrder.PRIORITY_BASED, False
    return InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class GraphStream:
    """One stream through a side. Two sets of states take turns, so that none is copied."""

    def __init__(self, midst: InferenceSession, edges: InferenceSession) -> None:
        said = edges.get_modelmeta().custom_metadata_map
        self._start, self._steps = int(said["lrac.start_frames"]), int(said["lrac.frame_steps"])
        given, written = edges.get_inputs(), edges.get_outputs()
        buffers = {each.name: np.zeros(each.shape, DTYPES[each.type]) for each in given + written}
        self._given, self.output = buffers[given[0].name], buffers[written[0].name]
        self._frame, self._remaining = buffers["frame"], buffers["remaining"]
        self._frames, self._states = 0, [buffers[each.name] for each in given[3:]]
        pairs = [(a.name, b.name) for a, b in zip(given[3:], written[1:], strict=True)]
        swapped = buffers | {a: buffers[b] for pair in pairs for a, b in (pair, pair[::-1])}
        self._bound = [[_bound(each, b) for each in (midst, edges)] for b in (buffers, swapped)]

    def run(self, given: Array, remaining: int) -> Array:
        """Return the output of the next frame; see the page on export for ``remaining``."""
        self._given[...], self._frame[...] = given, self._frames
        if at_edge := self._frames < self._start or remaining < self._steps:
            self._remaining[...] = remaining
        self._bound[self._frames % 2][at_edge]()
        self._frames += 1
        return self.output.copy()

    def reset(self) -> None:
        """Start afresh."""
        self._frames = 0
        for state in self._states:
            state.fill(0)


def _bound(session: InferenceSession, buffers: dict[str, Array]) -> Any:
    binding = session.io_binding()
    for name in [each.name for each in session.get_inputs()]:
        binding.bind_ortvalue_input(name, OrtValue.ortvalue_from_numpy(buffers[name]))
    for name in [each.name for each in session.get_outputs()]:
        binding.bind_ortvalue_output(name, OrtValue.ortvalue_from_numpy(buffers[name]))
    return lambda: session.run_with_iobinding(binding)
