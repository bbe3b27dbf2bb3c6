"""Results of nodes that do not depend on the signal: they run once, and cost nothing per second."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.witness.onnx.graph_model import Body, Node
from lrac_audit.witness.onnx.known_values import SHAPE_READERS, KnownValues, of_shape
from lrac_audit.witness.onnx.provenance import Provenance


def constants_of(
    node: Node, inputs: Sequence[Provenance], body: Body, known: KnownValues
) -> list[Provenance]:
    """Return the results of ``node``, with their values where these are known."""
    arrays = [each.array for each in inputs]
    if node.op in SHAPE_READERS:
        shape = body.value(node.inputs[0]).shape
        arrays = [None if shape is None else of_shape(shape)]
    given = zip(node.inputs, arrays, strict=True)
    complete = all(array is not None for name, array in given if name)
    shapes = [body.value(name).shape for name in node.outputs]
    found = known.result(node.proto, arrays, shapes) if complete else None
    weights = frozenset().union(*(each.weights for each in inputs))
    results = found or (None,) * len(node.outputs)
    return [Provenance(constant=True, array=array, weights=weights) for array in results]
