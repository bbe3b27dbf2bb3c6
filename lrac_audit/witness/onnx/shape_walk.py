"""Infer the shapes of all values of a graph, node by node.

Shapes that a file states are not believed, but for those of its inputs. Shapes and indices that a
graph computes are computed on the way, since the shapes of later values follow from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import onnx
from onnx import TypeProto, defs, helper, numpy_helper, shape_inference

from lrac_audit.witness.onnx.graph_model import Array
from lrac_audit.witness.onnx.known_values import SHAPE_READERS, KnownValues, of_shape
from lrac_audit.witness.onnx.model_file import graphs_inside

MOST_VALUES = 1 << 10
"""Values of a result that is computed here; shapes and indices have few."""
SAME_SHAPE = frozenset({"GroupNormalization"})
"""Operators whose result has the shape of the first input, which the ONNX library does not know."""


class _Seen(NamedTuple):
    """Types and known values of everything that nodes of a graph can read, by name."""

    types: dict[str, TypeProto]
    arrays: dict[str, Array]


class ShapeWalk:
    """Infers the shapes of one model."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._versions = {each.domain: each.version for each in model.opset_import}
        self._imports, self._ir = list(model.opset_import), model.ir_version
        self._known = KnownValues(self._version(""))
        self._graph(model.graph, _Seen({}, {}))

    def _version(self, domain: str) -> int:
        aliases = ("", "ai.onnx") if domain in ("", "ai.onnx") else (domain,)
        return next((self._versions[name] for name in aliases if name in self._versions), 1)

    def _graph(self, graph: onnx.GraphProto, outer: _Seen) -> None:
        """Enter the types of all values of ``graph``, in place of those that it states."""
        seen = _Seen(dict(outer.types), dict(outer.arrays))
        seen.types.update((each.name, each.type) for each in graph.input)
        for tensor in graph.initializer:
            _enter(seen, tensor.name, tensor)
        stated = {each.name: each.type for each in (*graph.value_info, *graph.output)}
        made: dict[str, TypeProto] = {}
        for node in graph.node:
            for inside in graphs_inside(node):
                self._graph(inside, seen)
            types = self._types(node, seen, stated)
            seen.types.update(types)
            made.update(types)
            self._compute(node, seen)
        del graph.value_info[:]
        graph.value_info.extend(helper.make_value_info(name, kind) for name, kind in made.items())
        for output in graph.output:
            if output.name in seen.types:
                output.type.CopyFrom(seen.types[output.name])
            else:
                output.type.tensor_type.ClearField("shape")

    def _types(
        self, node: onnx.NodeProto, seen: _Seen, stated: Mapping[str, TypeProto]
    ) -> dict[str, TypeProto]:
        """Return the types of the results; of an unknown operator those that the file states."""
        names = [name for name in node.output if name]
        if not defs.has(node.op_type, self._version(node.domain), node.domain):
            return {name: stated[name] for name in names if name in stated}
        if node.op_type == "If":
            return _branch_types(node)
        if node.op_type in SAME_SHAPE and node.input[0] in seen.types:
            return {names[0]: seen.types[node.input[0]]}
        return self._inferred(node, seen)

    def _inferred(self, node: onnx.NodeProto, seen: _Seen) -> dict[str, TypeProto]:
        schema = defs.get_schema(node.op_type, self._version(node.domain), node.domain)
        inputs = {name for name in node.input if name}
        data = {
            name: numpy_helper.from_array(seen.arrays[name], name)
            for name in inputs
            if name in seen.arrays and seen.arrays[name].size <= MOST_VALUES
        }
        try:
            found = shape_inference.infer_node_outputs(
                schema,
                node,
                {name: seen.types[name] for name in inputs},
                data,
                opset_imports=self._imports,
                ir_version=self._ir,
            )
        except (KeyError, ValueError, shape_inference.InferenceError):  # inputs that do not fit
            return {}
        return {name: kind for name, kind in found.items() if name}

    def _compute(self, node: onnx.NodeProto, seen: _Seen) -> None:
        """Enter the values of the results, where they follow from known ones and are few."""
        inputs: list[Array | None] = [seen.arrays.get(name) for name in node.input]
        shapes = [_shape(seen.types.get(name)) for name in node.output]
        if node.op_type in SHAPE_READERS:
            shape = _shape(seen.types.get(node.input[0]))
            inputs = [None if shape is None else of_shape(shape)]
        if any(array is None and name for array, name in zip(inputs, node.input, strict=True)):
            return
        found = self._known.result(node, inputs, shapes, MOST_VALUES)
        seen.arrays.update(zip(node.output, found or (), strict=False))


def _enter(seen: _Seen, name: str, tensor: onnx.TensorProto) -> None:
    """Enter a constant with its values."""
    seen.types[name] = helper.make_tensor_type_proto(tensor.data_type, list(tensor.dims))
    seen.arrays[name] = numpy_helper.to_array(tensor)


def _branch_types(node: onnx.NodeProto) -> dict[str, TypeProto]:
    """Return the types of the results of an ``If``, whose branches must agree on them."""
    outputs = [[each.type for each in inside.output] for inside in graphs_inside(node)]
    if len(outputs) != 2:
        return {}
    pairs = zip(node.output, *outputs, strict=False)
    return {name: one for name, one, other in pairs if one == other}


def _shape(kind: TypeProto | None) -> tuple[int, ...] | None:
    """Return the sizes of a tensor; None where one of them is open."""
    if kind is None or not kind.tensor_type.HasField("shape"):
        return None
    dims: list[Any] = list(kind.tensor_type.shape.dim)
    if not all(dim.HasField("dim_value") and dim.dim_value >= 0 for dim in dims):
        return None
    return tuple(dim.dim_value for dim in dims)
