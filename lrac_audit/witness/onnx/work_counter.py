"""Count the work of a graph node by node, from the shapes of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrac_audit.witness.onnx.graph_model import Body, Graph, Node
from lrac_audit.witness.onnx.known_values import MOVES, SHAPE_READERS, KnownValues, of_shape
from lrac_audit.witness.onnx.node_record import record_of
from lrac_audit.witness.onnx.product_patterns import after_work
from lrac_audit.witness.onnx.provenance import SIGNAL, Choice, Provenance, WorkRecord, joined
from lrac_audit.witness.onnx.searches import (
    CHOICES,
    choice_among,
    make_search,
    reads_what_was_searched,
)

LOOKUPS = frozenset({"Gather", "GatherElements", "GatherND"})
RANDOM = frozenset(
    {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform"}
    | {"RandomUniformLike"}
)
DATA_INPUTS: Mapping[str, tuple[int, ...]] = {
    "Pad": (0, 2),
    "ScatterElements": (0, 2),
    "ScatterND": (0, 2),
}
"""The inputs whose values an operator moves, where these are not the first alone."""


class WorkCounter:
    """Counts the nodes of one graph."""

    def __init__(self, graph: Graph, states: Sequence[str], named_by_rows: bool) -> None:
        """``named_by_rows``: nodes are called ``<row>/<what>``, by the rows of a ledger."""
        self.records: list[WorkRecord] = []
        self.sent: list[Choice] = []
        """The choices whose indices the first output gives."""
        self._graph, self._named_by_rows = graph, named_by_rows
        self._known = KnownValues(graph.opset)
        self._inputs = {
            name: SIGNAL._replace(source=name, states=frozenset({name} if name in states else ()))
            for name in graph.inputs
        }

    def count(self) -> list[WorkRecord]:
        """Return a record of each node that works on the signal."""
        known = dict(self._inputs)
        self._walk(self._graph.body, known)
        outputs = self._graph.body.outputs
        for name in outputs:
            if not self._graph.value(name).is_float:
                for choice in known.get(name, SIGNAL).choices:
                    make_search(self.records, choice)
        self.sent = list(known.get(outputs[0], SIGNAL).choices)
        return self.records

    def _walk(self, body: Body, known: dict[str, Provenance]) -> None:
        """Count the nodes of ``body``; ``known`` gets the provenances of its values."""
        for node in body.nodes:
            inputs = [self._provenance(name, body, known) for name in node.inputs]
            if node.op == "If" and not node.domain:
                results = self._dearer_branch(node, inputs[0], known)
            else:
                results = self._results(node, inputs, body)
            known.update(zip(node.outputs, results, strict=False))

    def _provenance(self, name: str, body: Body, known: Mapping[str, Provenance]) -> Provenance:
        if name in known:
            return known[name]
        weight = body.weights.get(name)
        if weight is None:
            return Provenance(constant=True)  # an input that is left out
        stored = frozenset({name}) if weight.is_stored else frozenset()
        return Provenance(constant=True, array=weight.array, weights=stored)

    def _results(self, node: Node, inputs: list[Provenance], body: Body) -> list[Provenance]:
        """Return the provenances of the results of one node, and record its work."""
        if node.domain:
            return [self._counted(node, inputs, body)] * len(node.outputs)
        shapes_alone = node.op in SHAPE_READERS and body.value(node.inputs[0]).shape is not None
        if shapes_alone or (all(each.constant for each in inputs) and node.op not in RANDOM):
            return self._constants(node, inputs, body)
        if node.op in MOVES and self._only_moves(node, inputs):
            at = range(len(inputs)) if node.op == "Concat" else DATA_INPUTS.get(node.op, (0,))
            moved = [inputs[k] for k in at if k < len(inputs)]
            self._keep_weights(node, moved)
            found = joined(moved)
            return [found._replace(source=found.source or node.outputs[0])] * len(node.outputs)
        return [self._counted(node, inputs, body)] * len(node.outputs)

    def _constants(self, node: Node, inputs: list[Provenance], body: Body) -> list[Provenance]:
        """Return the results of a node that does not depend on the signal: it runs but once."""
        arrays = [each.array for each in inputs]
        if node.op in SHAPE_READERS:
            shape = body.value(node.inputs[0]).shape
            arrays = [None if shape is None else of_shape(shape)]
        given = zip(node.inputs, arrays, strict=True)
        complete = all(array is not None for name, array in given if name)
        shapes = [body.value(name).shape for name in node.outputs]
        found = self._known.result(node.proto, arrays, shapes) if complete else None
        weights = frozenset().union(*(each.weights for each in inputs))
        results = found or (None,) * len(node.outputs)
        return [Provenance(constant=True, array=array, weights=weights) for array in results]

    def _only_moves(self, node: Node, inputs: Sequence[Provenance]) -> bool:
        if node.op in LOOKUPS:
            return inputs[1].constant
        return bool(node.attributes.get("reduction", "none") == "none")

    def _keep_weights(self, node: Node, moved: Sequence[Provenance]) -> None:
        """Record constants that are put beside the signal, which this node keeps."""
        weights = {name: None for each in moved if each.constant for name in each.weights}
        if weights:
            self.records.append(WorkRecord(self._row(node), "constant", {}, weights=weights))

    def _counted(self, node: Node, inputs: list[Provenance], body: Body) -> Provenance:
        """Record the work of ``node``; return the provenance of its results."""
        record = record_of(node, inputs, body, self._row(node))
        index = len(self.records)
        self.records.append(record)
        if record.problem:
            return SIGNAL
        found = after_work(node, inputs, index, body, self.records)
        choices = frozenset().union(*(each.choices for each in inputs))
        if record.op == "lookup":
            self._find_searches(inputs, body.value(node.inputs[0]).shape or ())
            found = found._replace(looked_up=True, after_choice=True)
        elif record.op == "add":
            record.adds_entries = all(each.looked_up or each.constant for each in inputs)
            found = found._replace(looked_up=record.adds_entries)
        if node.op in CHOICES and inputs[0].products:
            axis = node.attributes.get("axis", -1 if node.op == "TopK" else 0)
            values = body.value(node.inputs[0])
            choices = frozenset({choice_among(inputs[0].products, index, values, axis)})
        is_index = not body.value(node.outputs[-1]).is_float
        return found._replace(choices=choices if is_index else frozenset())

    def _find_searches(self, inputs: Sequence[Provenance], shape: tuple[int, ...]) -> None:
        for choice in inputs[1].choices:
            if reads_what_was_searched(choice, inputs[0], shape, self.records):
                make_search(self.records, choice)

    def _row(self, node: Node) -> str:
        return node.name.partition("/")[0] if self._named_by_rows else node.name

    def _dearer_branch(
        self, node: Node, condition: Provenance, known: dict[str, Provenance]
    ) -> list[Provenance]:
        """Return the results of the branch that costs more; the other one's work is dropped."""
        names = ["then_branch", "else_branch"]
        if condition.array is not None:
            names = names[:1] if condition.array.all() else names[1:]
        results: list[list[Provenance]] = []
        ranges = []
        for name in names:
            body, inside, start = node.bodies[name], dict(known), len(self.records)
            self._walk(body, inside)
            ranges.append(self.records[start:])
            results.append([self._provenance(each, body, inside) for each in body.outputs])
        costs = [(sum(r.macs for r in each), _units(each)) for each in ranges]
        chosen = costs.index(max(costs))
        for at, branch in enumerate(ranges):
            for record in branch if at != chosen else ():
                record.work, record.runs = {}, 0
        return results[chosen]


def _units(records: Sequence[WorkRecord]) -> int:
    return sum(sum(record.work.values()) for record in records)
