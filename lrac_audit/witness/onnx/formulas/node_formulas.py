"""The registry of counting formulas: each maps the shapes of one call to the work it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.ledger.row import Geometry
from lrac_audit.witness.onnx.graph_model import Array
from lrac_audit.witness.onnx.operator_registry import OperatorRegistry

Shape = tuple[int, ...]


class NodeCall(NamedTuple):
    """One call of an operator as shapes."""

    inputs: tuple[Shape | None, ...]
    """None for one that is left out."""
    outputs: tuple[Shape, ...]
    attributes: Mapping[str, Any]
    constants: tuple[bool, ...] = ()
    """Which of the inputs do not depend on the signal."""
    arrays: tuple[Array | None, ...] = ()
    """The values of the inputs, as far as they are known."""

    def shape(self, index: int) -> Shape:
        """Return the shape of an input that the operator cannot do without."""
        found = self.inputs[index]
        if found is None:
            raise IndexError(f"input {index} is left out")
        return found

    def has(self, index: int) -> bool:
        """Return whether an input is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    @property
    def out(self) -> Shape:
        """The shape of the first result."""
        return self.outputs[0]

    @property
    def out_values(self) -> int:
        """The number of values of the first result."""
        return prod(self.out)


class NodeWork(NamedTuple):
    """The work of one call."""

    op: str
    """As in :class:`lrac_audit.ledger.row.Row`."""
    by_kind: Mapping[str, int]
    """Elementary work by kind."""
    geometry: Geometry
    runs: int
    """Steps that the operator ran for: inputs of a transposed convolution, otherwise outputs."""


NodeFormula = Callable[[NodeCall], NodeWork]

_FORMULAS = OperatorRegistry[NodeFormula]("formula")
NODE_FORMULAS = MappingProxyType(_FORMULAS.entries)
"""Operator of the ONNX standard to formula, as the modules of this package register them."""


counts = _FORMULAS.add
"""Returns a decorator that registers a formula for operators."""


def over_values(op: str, work: Mapping[str, int], shape: Shape) -> NodeWork:
    """Return ``work`` done on every value of ``shape``, whose channels are the second of 3 axes."""
    width = shape[1] if len(shape) >= 3 else shape[-1] if shape else 1
    return NodeWork(op, work, Geometry(width, width), prod(shape) // max(width, 1))
