"""The constants that an ONNX file holds."""

from __future__ import annotations

import hashlib
from math import prod

import onnx
from onnx import helper, numpy_helper
from onnx.external_data_helper import uses_external_data

from lrac_audit.witness.onnx.graph_model import Value, Weight

SMALL = 1 << 16
"""Constants of up to this many values are read; of larger ones the shape is enough."""


def taken_weights(graph: onnx.GraphProto) -> dict[str, Weight]:
    """Return the constants of ``graph`` by name, and turn those without values into its inputs.

    Checking a model and inferring its shapes then neither copies large constants nor opens the
    files that hold them.

    Raises:
        ValueError: one of them is not what it says.
    """
    found = {tensor.name: weight_of(tensor) for tensor in graph.initializer}
    kept = [tensor for tensor in graph.initializer if found[tensor.name].array is not None]
    inputs = {each.name for each in graph.input}
    for tensor in graph.initializer:
        if found[tensor.name].array is None and tensor.name not in inputs:
            name, kind, shape = tensor.name, tensor.data_type, list(tensor.dims)
            graph.input.append(helper.make_tensor_value_info(name, kind, shape))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return found


def weight_of(tensor: onnx.TensorProto) -> Weight:
    """Return one constant.

    Raises:
        ValueError: it does not hold as many values as its shape says.
    """
    shape = tuple(tensor.dims)
    if min(shape, default=0) < 0:
        raise ValueError(f"a size of {min(shape)} in the constant {tensor.name}")
    value = Value(shape, dtype_name(tensor.data_type))
    if uses_external_data(tensor):
        place = sorted((each.key, each.value) for each in tensor.external_data)
        return Weight(value, None, _digest(value, repr(place).encode()))
    if prod(shape) > SMALL:
        return Weight(value, None, _digest(value, tensor.raw_data or tensor.SerializeToString()))
    array = numpy_helper.to_array(tensor)
    return Weight(value, array, _digest(value, array.tobytes()))


def dtype_name(kind: int) -> str:
    """Return the name of a type of the ONNX standard as NumPy has it; empty where it has none."""
    try:
        return helper.tensor_dtype_to_np_dtype(kind).name
    except KeyError:
        return ""


def _digest(value: Value, content: bytes) -> str:
    return hashlib.sha256(repr(value).encode() + content).hexdigest()
