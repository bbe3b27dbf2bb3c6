"""The registry of rules: each says which steps the results of an operator can depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.witness.onnx.dependency.steps import Steps, whole
from lrac_audit.witness.onnx.graph_model import Array
from lrac_audit.witness.onnx.operator_registry import OperatorRegistry

Shape = tuple[int, ...]


class RuleCall(NamedTuple):
    """One call of an operator, as a rule sees it."""

    inputs: tuple[Steps | None, ...]
    """The steps of each input; None for one that is left out."""
    arrays: tuple[Array | None, ...]
    """The values of those inputs that are known."""
    shapes: tuple[Shape, ...]
    """Shapes of the inputs; empty for one that is left out."""
    outputs: tuple[Shape, ...]
    attributes: Mapping[str, Any]
    moved: Callable[[Sequence[Array | None]], Sequence[Array]]
    """Runs the operator, which only moves values, on arrays of any numbers."""

    def steps(self, index: int) -> Steps:
        """Return the steps of an input that must be given."""
        found = self.inputs[index]
        if found is None:
            raise NoRuleError(f"input {index} is left out")
        return found

    @property
    def given(self) -> list[Steps]:
        """The steps of all inputs that are given."""
        return [each for each in self.inputs if each is not None]

    def known(self, index: int) -> Array | None:
        """Return the values of an input; None where they are not known, or it is left out."""
        return self.arrays[index] if index < len(self.arrays) else None

    def whole(self, at: int = 0) -> Steps:
        """Return the join of everything, for the result ``at``."""
        return whole(self.given, len(self.outputs[at]))


class NoRuleError(Exception):
    """A rule does not cover this use of its operator."""


Rule = Callable[[RuleCall], Sequence[Steps]]
"""Returns the steps of each result."""

_RULES = OperatorRegistry[Rule]("rule")
RULES = MappingProxyType(_RULES.entries)
"""Operator of the ONNX standard to rule; one without depends on all of its inputs."""


rule = _RULES.add
"""Returns a decorator that registers a rule for operators."""
