"""Read an ONNX file: its nodes and the shapes of its values, never the files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import onnx
from onnx import checker, defs, inliner, shape_inference

from lrac_audit.errors import InputError, Problem, printable
from lrac_audit.files import READABLE, check_regular_file, path_error

MAX_BYTES = 1 << 30
MAX_NODES = 1 << 15
MESSAGE_CHARACTERS = 200
GROUP_NORM, INSTANCE_NORM = "GroupNormalization", "InstanceNormalization"


def read_model(path: Path) -> onnx.ModelProto:
    """Return the model in the file at ``path``, its local functions put in where they are called.

    Raises:
        InputError: there is no such file, it is too large, or it holds no valid model.
    """
    try:
        model = onnx.load_model_from_string(_content(path))
        nodes = sum(len(graph.node) for graph in graphs_of(model.graph))
        if nodes > MAX_NODES:
            raise refused(path, f"{nodes:,} nodes", f"at most {MAX_NODES:,}")
        return inliner.inline_local_functions(model) if model.functions else model
    except InputError:
        raise
    except Exception as error:  # the parser and the inliner have errors of their own
        raise refused(path, first_line(error), "an ONNX model") from None


def _content(path: Path) -> bytes:
    check_regular_file(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refused(path, f"{size:,} bytes", f"at most {MAX_BYTES:,}")
        return path.read_bytes()
    except OSError as error:
        raise path_error(path, error, READABLE) from None


def check_and_infer(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    """Return ``model`` with the shapes of all values, which follow from inputs and operators.

    Shapes that the file states are not believed, but for results of operators that ONNX does not
    know: these make an audit incomplete anyway.

    Raises:
        InputError: it breaks the rules of the format.
    """
    try:
        checker.check_model(model)
        stated = list(model.graph.output)
        for graph in graphs_of(model.graph):
            _forget_shapes(graph)
        _lend_numbers(model.graph, {})
        found = _inferred(model)
    except Exception as error:  # the checker and the inference have errors of their own
        raise refused(path, first_line(error), "a model that the ONNX checker accepts") from None
    for output, claim in zip(found.graph.output, stated, strict=True):
        if not output.type.tensor_type.HasField("shape"):
            output.CopyFrom(claim)
    return found


def _inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` with inferred shapes.

    The ONNX library infers none for group norms; instance norms, whose results have the same
    shapes, stand in for them meanwhile. The field that marks them names a function's variant, of
    which there are none any more.
    """
    for node in _nodes(model):
        node.overload = ""
        if node.op_type == GROUP_NORM and not node.domain:
            node.op_type, node.overload = INSTANCE_NORM, GROUP_NORM
    found = shape_inference.infer_shapes(model, data_prop=True)
    for node in _nodes(found):
        if node.overload == GROUP_NORM:
            node.op_type, node.overload = GROUP_NORM, ""
    return found


def _nodes(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    for graph in graphs_of(model.graph):
        yield from graph.node


def _forget_shapes(graph: onnx.GraphProto) -> None:
    """Drop what ``graph`` states about the shapes of its own results."""
    unknown = {
        name
        for node in graph.node
        if not defs.has(node.op_type, node.domain)
        for name in node.output
    }
    kept = [each for each in graph.value_info if each.name in unknown]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    for output in graph.output:
        if output.name not in unknown:
            output.type.tensor_type.ClearField("shape")


def _lend_numbers(graph: onnx.GraphProto, outer: Mapping[str, onnx.TensorProto]) -> None:
    """Give graphs inside nodes copies of the whole numbers outside that they read.

    The inference of shapes looks for axes and indices in the same graph alone.
    """
    made = {tensor.name for tensor in graph.initializer}
    made.update(name for node in graph.node for name in node.output)
    read = {name for node in graph.node for name in node.input} - made
    graph.initializer.extend(tensor for name, tensor in outer.items() if name in read)
    kinds = (onnx.TensorProto.INT64, onnx.TensorProto.INT32)
    seen = {**outer, **{t.name: t for t in graph.initializer if t.data_type in kinds}}
    for node in graph.node:
        for inside in _inside(node):
            _lend_numbers(inside, seen)


def graphs_of(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield ``graph`` and all graphs inside its nodes."""
    yield graph
    for node in graph.node:
        for inside in _inside(node):
            yield from graphs_of(inside)


def _inside(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def refused(path: Path, given: str, allowed: str, field: str = "") -> InputError:
    """Return the error that the file at ``path`` cannot be used."""
    return InputError(str(path), [Problem(field, given, allowed)])


def first_line(error: Exception) -> str:
    """Return the first line of a message of the ONNX library."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return printable(lines[0])[:MESSAGE_CHARACTERS]
