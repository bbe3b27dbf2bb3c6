"""Compute the results of nodes whose inputs are known, by the reference of the ONNX standard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from lrac_audit.witness.onnx.graph_model import Array, Body, Node, words

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


class KnownValues:
    """Computes results of nodes of one graph."""

    def __init__(self, opset: int) -> None:
        self._opset = opset
        self._evaluators: dict[int, Callable[..., Any]] = {}

    def result(
        self, node: Node, inputs: Sequence[Array | None], body: Body
    ) -> tuple[Array, ...] | None:
        """Return the results of ``node``, whose inputs, as far as it has any, are known.

        None where the operator is not among those that are computed, or the results are large.
        """
        sizes = [body.value(name) for name in node.outputs if name]
        small = all(each.shape is not None and each.values <= MOST_VALUES for each in sizes)
        if node.domain or node.op not in COMPUTABLE or not small:
            return None
        found = self.run(node, inputs)
        agrees = found is not None and all(
            array.shape == each.shape for array, each in zip(found, sizes, strict=False)
        )
        return found if agrees else None

    def run(self, node: Node, inputs: Sequence[Array | None]) -> tuple[Array, ...] | None:
        """Return the results of ``node`` on ``inputs``, or None where the reference fails."""
        if id(node) not in self._evaluators:
            self._evaluators[id(node)] = self._evaluator(node)
        feeds = {name: array for name, array in zip(node.inputs, inputs, strict=True) if name}
        try:
            with np.errstate(all="ignore"):
                found = self._evaluators[id(node)](None, feeds)
        except Exception:  # whatever an implementation raises on inputs that do not fit
            return None
        return tuple(np.asarray(each) for each in found)

    def _evaluator(self, node: Node) -> Callable[..., Any]:
        def info(name: str) -> Any:
            return helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None)

        inputs = [info(name) for name in dict.fromkeys(node.inputs) if name]
        outputs = [info(name) for name in node.outputs if name]
        graph = helper.make_graph([node.proto], "one", inputs, outputs)
        opset = [helper.make_opsetid("", self._opset)]
        model = helper.make_model(graph, opset_imports=opset)
        return ReferenceEvaluator(model).run
