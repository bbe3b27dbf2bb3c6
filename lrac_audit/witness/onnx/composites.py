"""Find activations and norms that are written as several nodes, and count each as what it computes.

Nothing but the nodes of such a form may read what they compute on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np

from lrac_audit.witness.onnx.composite_forms import (
    FORMS,
    SIGNAL_NAME,
    Composite,
    Form,
    Operand,
)
from lrac_audit.witness.onnx.graph_model import Body, Graph, Node
from lrac_audit.witness.onnx.provenance import Provenance, WorkRecord

COMMUTATIVE = frozenset({"Add", "Max", "Min", "Mul"})


class _Counted(NamedTuple):
    """A node that was counted, what is known of its inputs, and the number of its record."""

    node: Node
    inputs: Sequence[Provenance]
    record: int


class _Match(NamedTuple):
    """The value that stands for the signal, empty while none does, and the nodes of a form."""

    signal: str = ""
    nodes: frozenset[str] = frozenset()
    """Names of their results."""


class Found(NamedTuple):
    """A form whose last node was counted."""

    composite: Composite
    inner: tuple[int, ...]
    """The records of its other nodes."""
    roots: tuple[str, ...]
    """The results of its square roots."""

    def combine(self, record: int, result: str, body: Body, records: Sequence[WorkRecord]) -> None:
        """Let ``record`` count what the form computes as ``result``, and other nodes nothing."""
        last = records[record]
        for index in self.inner:
            last.take(records[index])
            records[index].row = last.row
        statistics = sum(body.value(name).values for name in self.roots)
        last.op, work, last.geometry, last.runs = self.composite.work(
            body.value(result).shape or (), statistics
        )
        last.work = dict(work)


class Composites:
    """Finds forms among the nodes of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._readers = Counter(_read(graph.body))
        self._counted: dict[str, _Counted] = {}

    def find(self, node: Node, inputs: Sequence[Provenance], record: int) -> Found | None:
        """Return the form of which ``node``, counted by ``record``, is the last one, if any."""
        last = node.outputs[0]
        self._counted[last] = _Counted(node, inputs, record)
        for form, composite in FORMS.get(node.op, ()):
            for match in self._by_operator(form, last, _Match()):
                inner = match.nodes - {last}
                if self._only_inside(inner, match.nodes):
                    return Found(
                        composite,
                        tuple(self._counted[name].record for name in sorted(inner)),
                        tuple(name for name in inner if self._counted[name].node.op == "Sqrt"),
                    )
        return None

    def _by_operator(self, form: Form, name: str, before: _Match) -> Iterator[_Match]:
        """Yield the ways in which the value ``name`` is of ``form``, beside earlier parts."""
        counted, count = self._counted.get(name), len(form.operands)
        if counted is None or not _is_of(counted.node, form):
            return
        given = list(zip(counted.node.inputs, counted.inputs, strict=True))
        operands, others = given[:count], given[count:]
        if len(operands) < count or not all(known.constant for _, known in others):
            return
        inside = before._replace(nodes=before.nodes | {name})
        for order in permutations(operands) if form.op in COMMUTATIVE else [operands]:
            yield from self._all(form.operands, order, inside)

    def _all(
        self, forms: Sequence[Operand], values: Sequence[tuple[str, Provenance]], before: _Match
    ) -> Iterator[_Match]:
        """Yield the ways in which each of ``values`` is of its form."""
        if not forms:
            yield before
            return
        for match in self._one(forms[0], *values[0], before):
            yield from self._all(forms[1:], values[1:], match)

    def _one(self, form: Operand, name: str, known: Provenance, before: _Match) -> Iterator[_Match]:
        if isinstance(form, Form):
            yield from self._by_operator(form, name, before)
        elif form == SIGNAL_NAME:
            if name == before.signal or not (before.signal or known.constant):
                yield before._replace(signal=name)
        elif _is_constant(form, known):
            yield before

    def _only_inside(self, names: frozenset[str], nodes: frozenset[str]) -> bool:
        """Return whether none but ``nodes`` read the values ``names``."""
        inside = Counter(name for each in nodes for name in self._counted[each].node.inputs)
        return all(self._readers[name] == inside[name] for name in names)


def _is_of(node: Node, form: Form) -> bool:
    """Return whether ``node`` has the operator and the attributes of ``form``."""
    given = all(node.attributes.get(name) == value for name, value in form.attributes)
    return node.op == form.op and not node.domain and given


def _is_constant(form: str | float, given: Provenance) -> bool:
    """Return whether a value is a constant, of the number ``form`` if that is one."""
    if not given.constant or isinstance(form, str):
        return given.constant
    array = given.array
    return array is not None and array.size > 0 and bool(np.isclose(array, form, atol=0).all())


def _read(body: Body) -> Iterator[str]:
    """Yield each name as often as it is read, inside of nodes and as an output as well."""
    yield from body.outputs
    for node in body.nodes:
        yield from node.inputs
        for inside in node.bodies.values():
            yield from _read(inside)
