"""Compute the results of nodes whose inputs are known, by the reference of the ONNX standard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

from lrac_audit.witness.onnx.graph_model import Array, words

MOST_VALUES = 1 << 16
"""Values of a result that is computed; a larger one is not known."""

MOVES = frozenset(
    words("""
Cast CastLike Compress Concat DepthToSpace Expand Flatten Gather GatherElements GatherND Identity
Pad Reshape ReverseSequence ScatterElements ScatterND Slice SpaceToDepth Split Squeeze Tile
Transpose Trilu Unsqueeze""")
)
"""Operators that only move or copy values of their inputs."""

SHAPE_READERS = frozenset({"Shape", "Size"})
"""Operators whose results follow from the shape of their input."""

_MADE = frozenset(words("Constant ConstantOfShape EyeLike Range OneHot"))
_COMPUTED = frozenset(
    words("""
Abs Add And ArgMax ArgMin Ceil Clip CumSum Div Equal Exp Floor Greater GreaterOrEqual Less
LessOrEqual Log MatMul Max Mean Min Mod Mul Neg Not Or Pow Reciprocal ReduceMax ReduceMean ReduceMin
ReduceProd ReduceSum Round Sign Sqrt Sub Sum Where Xor""")
)
COMPUTABLE = MOVES | SHAPE_READERS | _MADE | _COMPUTED


Shape = tuple[int, ...]


class KnownValues:
    """Computes results of nodes of one graph."""

    def __init__(self, opset: int) -> None:
        self._opset = opset
        self._evaluators: dict[int, tuple[NodeProto, Callable[..., Any]]] = {}

    def result(
        self,
        node: NodeProto,
        inputs: Sequence[Array | None],
        shapes: Sequence[Shape | None],
        most_values: int = MOST_VALUES,
    ) -> tuple[Array, ...] | None:
        """Return the results of ``node``, of these ``shapes``, from inputs that are known.

        None where the operator is not among those that are computed, or the results are large.
        """
        small = all(shape is not None and prod(shape) <= most_values for shape in shapes)
        is_standard = node.domain in ("", "ai.onnx")
        if not is_standard or node.op_type not in COMPUTABLE or not small:
            return None
        found = self.run(node, inputs)
        if found is None or [array.shape for array in found] != list(shapes):
            return None
        return found

    def run(self, node: NodeProto, inputs: Sequence[Array | None]) -> tuple[Array, ...] | None:
        """Return the results of ``node`` on ``inputs``, or None where the reference fails."""
        feeds = {name: array for name, array in zip(node.input, inputs, strict=True) if name}
        try:
            if id(node) not in self._evaluators:
                self._evaluators[id(node)] = node, self._evaluator(node)
            with np.errstate(all="ignore"):
                found = self._evaluators[id(node)][1](None, feeds)
        except Exception:  # whatever an implementation raises on inputs that do not fit
            return None
        return tuple(np.asarray(each) for each in found)

    def _evaluator(self, node: NodeProto) -> Callable[..., Any]:
        def info(name: str) -> Any:
            return helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None)

        inputs = [info(name) for name in dict.fromkeys(node.input) if name]
        outputs = [info(name) for name in node.output if name]
        graph = helper.make_graph([node], "one", inputs, outputs)
        opset = [helper.make_opsetid("", self._opset)]
        model = helper.make_model(graph, opset_imports=opset)
        return ReferenceEvaluator(model).run


def of_shape(shape: Shape) -> Array:
    """Return an array of that shape that takes no memory, for what reads shapes alone."""
    return np.broadcast_to(np.int8(0), shape)
