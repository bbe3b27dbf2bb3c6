"""Propagate steps through one call of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import lrac_audit.witness.onnx.dependency.rules  # noqa: F401 - registers the rules
from lrac_audit.witness.onnx.dependency.registry import RULES, NoRuleError, RuleCall
from lrac_audit.witness.onnx.dependency.steps import Steps, larger, nothing, whole
from lrac_audit.witness.onnx.graph_model import Array, Body, Graph, Node
from lrac_audit.witness.onnx.known_values import SHAPE_READERS, KnownValues, of_shape


class Seen(NamedTuple):
    """One value in one call: its steps, and its content where that is known."""

    steps: Steps
    array: Array | None = None


class Propagation:
    """Runs steps in place of values through a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known = KnownValues(graph.opset)
        self.without_rule: dict[str, None] = {}
        """Operators that were taken to depend on all of their inputs."""

    def run(self, inputs: Mapping[str, Seen]) -> list[Seen]:
        """Return what is known of the outputs, from what is known of the inputs."""
        seen = dict(inputs)
        self._walk(self._graph.body, seen)
        return [self._of(name, self._graph.body, seen) for name in self._graph.body.outputs]

    def _walk(self, body: Body, seen: dict[str, Seen]) -> None:
        for node in body.nodes:
            inputs = [self._of(name, body, seen) if name else None for name in node.inputs]
            if node.op == "If" and not node.domain and inputs[0] is not None:
                results = self._branches(node, inputs[0], seen)
            else:
                results = self._results(node, inputs, body)
            seen.update((name, each) for name, each in zip(node.outputs, results, strict=False))

    def _of(self, name: str, body: Body, seen: Mapping[str, Seen]) -> Seen:
        if name in seen:
            return seen[name]
        weight = body.weights.get(name)
        axes = len(body.value(name).shape or ())
        return Seen(nothing(axes), None if weight is None else weight.array)

    def _results(self, node: Node, inputs: Sequence[Seen | None], body: Body) -> list[Seen]:
        shapes = [body.value(name).shape or () for name in node.outputs]
        found = self._computed(node, inputs, body)
        if found is not None:
            return [Seen(nothing(array.ndim), array) for array in found]
        given = [each.steps for each in inputs if each is not None]
        if not any(each.size and each.max() > nothing(0) for each in given):
            return [Seen(nothing(len(shape))) for shape in shapes]
        call = RuleCall(
            tuple(each and each.steps for each in inputs),
            tuple(each and each.array for each in inputs),
            tuple(body.value(name).shape or () for name in node.inputs),
            tuple(shapes),
            node.attributes,
            lambda arrays: self._moved(node, arrays),
        )
        return [Seen(steps) for steps in self._by_rule(node, call)]

    def _computed(
        self, node: Node, inputs: Sequence[Seen | None], body: Body
    ) -> Sequence[Array] | None:
        """Return the results of a node whose inputs are known, or that reads a shape alone."""
        arrays = [each and each.array for each in inputs]
        if node.op in SHAPE_READERS and not node.domain:
            shape = body.value(node.inputs[0]).shape
            arrays = [None if shape is None else of_shape(shape)]
        if any(array is None for each, array in zip(inputs, arrays, strict=True) if each):
            return None
        return self._known.result(node.proto, arrays, [body.value(n).shape for n in node.outputs])

    def _moved(self, node: Node, arrays: Sequence[Array | None]) -> Sequence[Array]:
        found = self._known.run(node.proto, arrays)
        if found is None:
            raise NoRuleError("an operator that fails")
        return found

    def _by_rule(self, node: Node, call: RuleCall) -> Sequence[Steps]:
        """Return the results by the rule of the operator, else the join of everything."""
        rule = None if node.domain else RULES.get(node.op)
        if rule is not None:
            try:
                found = rule(call)
                if _fit(found, call):
                    return found
            except (NoRuleError, ArithmeticError, LookupError, TypeError, ValueError):
                pass  # what the rule does not cover, or attributes that contradict the shapes
        self.without_rule[node.op] = None
        return [call.whole(at) for at in range(len(call.outputs))]

    def _branches(self, node: Node, condition: Seen, seen: Mapping[str, Seen]) -> list[Seen]:
        """Return the results of the branch that is known to run, else the join of both."""
        names = ["then_branch", "else_branch"]
        if condition.array is not None:
            names = names[:1] if condition.array.all() else names[1:]
        results = []
        for name in names:
            body, inside = node.bodies[name], dict(seen)
            self._walk(body, inside)
            results.append([self._of(each, body, inside) for each in body.outputs])
        if len(results) == 1:
            return results[0]
        return [
            Seen(larger([whole([condition.steps], a.steps.ndim), a.steps, b.steps]))
            for a, b in zip(*results, strict=True)
        ]


def _fit(found: Sequence[Steps], call: RuleCall) -> bool:
    """Return whether the steps broadcast to the results."""
    return len(found) >= len(call.outputs) and all(
        steps.ndim == len(shape)
        and all(n in (1, m) for n, m in zip(steps.shape, shape, strict=True))
        for steps, shape in zip(found, call.outputs, strict=False)
    )
