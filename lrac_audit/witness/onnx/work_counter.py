"""Count the work of a graph node by node, from the shapes of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrac_audit.witness.onnx.composites import Composites
from lrac_audit.witness.onnx.constant_results import constants_of
from lrac_audit.witness.onnx.graph_model import Body, Graph, Node
from lrac_audit.witness.onnx.known_values import SHAPE_READERS, KnownValues
from lrac_audit.witness.onnx.moved_values import moved_inputs
from lrac_audit.witness.onnx.node_record import record_of
from lrac_audit.witness.onnx.overlap_adds import OverlapAdd, overlap_add, start_from
from lrac_audit.witness.onnx.places import places_of
from lrac_audit.witness.onnx.ports import Ports
from lrac_audit.witness.onnx.product_patterns import after_work
from lrac_audit.witness.onnx.provenance import SIGNAL, Choice, Provenance, WorkRecord, joined
from lrac_audit.witness.onnx.searches import (
    CHOICES,
    choice_among,
    make_search,
    reads_what_was_searched,
)

RANDOM = frozenset(
    {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform"}
    | {"RandomUniformLike"}
)


class WorkCounter:
    """Counts the nodes of one graph."""

    def __init__(self, graph: Graph, ports: Ports, named_by_rows: bool) -> None:
        """``named_by_rows``: nodes are called ``<row>/<what>``, by the rows of a ledger."""
        self.records: list[WorkRecord] = []
        self.sent: list[Choice] = []
        """The choices whose indices the first output gives."""
        self._graph, self._named_by_rows = graph, named_by_rows
        self._known, self._composites = KnownValues(graph.opset), Composites(graph)
        self._ports, self._places = ports, places_of(graph, ports)
        self._overlap_adds: list[OverlapAdd] = []
        states = ports.state_inputs
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
        renewed = {state: known.get(output, SIGNAL).source for state, output in self._ports.states}
        start_from(self._overlap_adds, renewed, self.records)
        for record in self.records:
            if record.is_place and not record.macs:
                record.work = {}
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
            return constants_of(node, inputs, body, self._known)
        moved = moved_inputs(node, inputs)
        if moved is not None:
            self._keep_weights(node, moved)
            found = joined(moved)
            return [found._replace(source=found.source or node.outputs[0])] * len(node.outputs)
        return [self._counted(node, inputs, body)] * len(node.outputs)

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
        record.is_place = node.outputs[0] in self._places
        composite = self._composites.find(node, inputs, index)
        if composite is not None:
            composite.combine(index, node.outputs[0], body, self.records)
            return Provenance(source=node.outputs[0], after_choice=record.after_choice)
        added = overlap_add(node, inputs, index, self.records)
        self._overlap_adds += [] if added is None else [added]
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
