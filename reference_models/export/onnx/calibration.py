"""Calibration on audio: the means of values that weights in 8 bits are made with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from onnx import GraphProto, TensorProto, helper
from onnxruntime import InferenceSession

from reference_models.export.onnx.body import Body
from reference_models.export.onnx.edges import FRAME
from reference_models.export.onnx.engine import DTYPES, Array, open_graph
from reference_models.export.onnx.graph import checked, filled, graph_of
from reference_models.export.onnx.interface import NEXT, STATE
from reference_models.export.program import Program
from reference_models.export.quantization import Means, read_by_products

MEAN = "mean."


def means_of(program: Program, inputs: Iterable[Array], rounded: Means | None = None) -> Means:
    """Return the mean of each column of what products read, while ``inputs`` go through a side.

    With ``rounded``, the means of an earlier call, the weights are those in 8 bits made of them.
    """
    body = filled(Body(program, at_edges=False, means=rounded))
    watched = read_by_products(program)
    graph = graph_of(body)
    for value in watched:
        _watch(graph, body, value)
    session = open_graph(checked(graph).SerializeToString())
    sums, frames = {value: np.zeros(1, np.float32) for value in watched}, 0
    for found in _runs(session, inputs):
        frames += 1
        for value in watched:
            sums[value] = sums[value] + found[f"{MEAN}{value}"].reshape(-1)
    return {value: (total / max(frames, 1)).astype(np.float32) for value, total in sums.items()}


def _watch(graph: GraphProto, body: Body, value: str) -> None:
    """Add an output with the means of the columns of ``value``."""
    layout, name = body.layout(value), f"{MEAN}{value}"
    axis = body.constants.ints(layout.time_axis)
    if axis not in {each.name for each in graph.initializer}:
        tensors = {each.name: each for each in body.constants.tensors()}
        graph.initializer.append(tensors[axis])
    mean = helper.make_node("ReduceMean", [body.read(value), axis], [name], name, keepdims=0)
    graph.node.append(mean)
    shape = [
        size
        for at, size in enumerate(layout.shape(*body.program.values[value][:2]))
        if at != layout.time_axis
    ]
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def _runs(session: InferenceSession, inputs: Iterable[Array]) -> Iterable[dict[str, Array]]:
    """Yield the outputs of each frame of a stream."""
    names = [each.name for each in session.get_outputs()]
    first, *others = session.get_inputs()
    feeds = {each.name: np.zeros(each.shape, DTYPES[each.type]) for each in others}
    states = [name for name in feeds if name.startswith(STATE)]
    for frame, given in enumerate(inputs):
        if FRAME in feeds:
            feeds[FRAME] = np.array(frame)
        found = dict(zip(names, session.run(names, {**feeds, first.name: given}), strict=True))
        feeds.update((name, found[name.replace(STATE, NEXT, 1)]) for name in states)
        yield found
