"""Turn an ONNX file into a :class:`Graph`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
from onnx import helper, numpy_helper

from lrac_audit.errors import InputError
from lrac_audit.witness.onnx.graph_model import UNKNOWN, Array, Body, Graph, Node, Value, Weight
from lrac_audit.witness.onnx.model_file import (
    checked,
    content_of,
    first_line,
    graphs_of,
    model_of,
    refused,
)
from lrac_audit.witness.onnx.shape_walk import ShapeWalk
from lrac_audit.witness.onnx.weights import dtype_name, taken_weights, weight_of

MAX_VALUES = 1 << 26
"""Values that all results of a graph may have together; a frame of a codec has some 10,000."""


def read_graph(path: Path, hop_samples: int | None = None) -> Graph:
    """Return the graph in the file at ``path``, as :func:`graph_of` does.

    Raises:
        InputError: the file cannot be read, or its graph cannot be used.
    """
    return graph_of(content_of(path), str(path), hop_samples)


def graph_of(content: bytes, source: str, hop_samples: int | None = None) -> Graph:
    """Return the graph in the ``content`` of a file.

    A size of an input that the file leaves open is 1, but the last size of audio is
    ``hop_samples``.

    Raises:
        InputError: it cannot be used, or the size of its audio stays open.
    """
    model = model_of(content, source)
    try:
        if any(graph.sparse_initializer for graph in graphs_of(model.graph)):
            raise refused(source, "sparse constants", "dense ones")
        weights = taken_weights(model.graph)
        _close_sizes(model.graph, set(weights), hop_samples, source)
        ShapeWalk(checked(model, source))
        body = _body(model.graph, {}, {}, weights)
    except InputError:
        raise
    except Exception as error:  # what the ONNX library raises on a malformed model
        raise refused(source, first_line(error), "an ONNX model") from None
    total = body.result_values()
    if total > MAX_VALUES:
        raise refused(source, f"results of {total:,} values", f"at most {MAX_VALUES:,} in one call")
    inputs = tuple(each.name for each in model.graph.input if each.name not in weights)
    if not inputs or not model.graph.output:
        raise refused(source, "a graph without inputs or outputs", "one that takes audio or codes")
    metadata = {each.key: each.value for each in model.metadata_props}
    return Graph(source, body, inputs, metadata, _opset(model))


def _opset(model: onnx.ModelProto) -> int:
    return next((int(e.version) for e in model.opset_import if e.domain in ("", "ai.onnx")), 1)


def _close_sizes(
    graph: onnx.GraphProto, weights: set[str], hop_samples: int | None, source: str
) -> None:
    """Give the sizes that inputs leave open a number.

    Raises:
        InputError: the number of samples in a call is open, and is not given.
    """
    inputs = [each for each in graph.input if each.name not in weights]
    for at, each in enumerate(inputs):
        kind = each.type.tensor_type
        is_audio = at == 0 and Value((), dtype_name(kind.elem_type)).is_float
        for place, dim in enumerate(kind.shape.dim):
            if dim.HasField("dim_value"):
                continue
            is_time = is_audio and place == len(kind.shape.dim) - 1
            if is_time and hop_samples is None:
                raise refused(source, "an open size of the audio", "--hop SAMPLES", each.name)
            dim.dim_value = hop_samples if is_time and hop_samples else 1


def _body(
    graph: onnx.GraphProto,
    values: Mapping[str, Value],
    outer: Mapping[str, Weight],
    weights: Mapping[str, Weight],
) -> Body:
    """Return ``graph`` inside one with ``values`` and constants ``outer``."""
    tensors = {node.output[0]: _constant(node) for node in graph.node if _constant(node)}
    constants = {**outer, **weights, **{k: weight_of(t) for k, t in tensors.items() if t}}
    infos = (*graph.input, *graph.value_info, *graph.output)
    seen = {**values, **{each.name: _value(each) for each in infos}}
    seen.update((name, weight.value) for name, weight in constants.items())
    protos = [node for node in graph.node if not _constant(node)]
    nodes = tuple(_node(proto, at, seen, constants) for at, proto in enumerate(protos))
    return Body(nodes, tuple(each.name for each in graph.output), seen, constants)


def _constant(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """Return the tensor that a node only holds, as a constant of the file does; None for others."""
    if node.op_type != "Constant" or node.domain not in ("", "ai.onnx"):
        return None
    return next((each.t for each in node.attribute if each.name == "value"), None)


def _value(info: onnx.ValueInfoProto) -> Value:
    kind = info.type.tensor_type
    dtype = dtype_name(kind.elem_type)
    if not info.type.HasField("tensor_type") or not kind.HasField("shape"):
        return Value(None, dtype)
    dims = [dim.dim_value if dim.HasField("dim_value") else -1 for dim in kind.shape.dim]
    return Value(None if min(dims, default=0) < 0 else tuple(dims), dtype)


def _node(
    proto: onnx.NodeProto, at: int, values: dict[str, Value], weights: dict[str, Weight]
) -> Node:
    attributes: dict[str, Any] = {}
    bodies: dict[str, Body] = {}
    for each in proto.attribute:
        if each.HasField("g"):
            inner = {tensor.name: weight_of(tensor) for tensor in each.g.initializer}
            bodies[each.name] = _body(each.g, values, weights, inner)
        else:
            attributes[each.name] = _attribute(each)
    domain = "" if proto.domain == "ai.onnx" else proto.domain
    name = proto.name or f"{proto.op_type}_{at}"
    for output in proto.output:
        values.setdefault(output, UNKNOWN)
    return Node(
        name,
        proto.op_type,
        domain,
        tuple(proto.input),
        tuple(proto.output),
        attributes,
        bodies,
        proto,
    )


def _attribute(attribute: onnx.AttributeProto) -> Any:
    value = helper.get_attribute_value(attribute)
    if isinstance(value, onnx.TensorProto):
        array: Array = numpy_helper.to_array(value)
        return array
    return value.decode(errors="replace") if isinstance(value, bytes) else value
