"""Values that depend on the place in a stream alone, and not on what passes through it.

These are the number of a call, states that only count calls, and what is computed from them value
by value: positions, masks at the edges of clips, fixed sequences of noise. A table could hold them,
so that they count as little as other constants do. Products of matrices of them are counted, and
so are sums of several, which may be filters.
"""

from __future__ import annotations

from lrac_audit.witness.onnx.dependency.rules.pointwise import POINTWISE
from lrac_audit.witness.onnx.filter_taps import SUMS
from lrac_audit.witness.onnx.graph_model import Body, Graph, Node
from lrac_audit.witness.onnx.known_values import MOVES, SHAPE_READERS
from lrac_audit.witness.onnx.ports import FRAME, REMAINING, Ports

_KEEPING = MOVES | POINTWISE
"""Operators whose results depend on the place alone if their inputs do."""


def places_of(graph: Graph, ports: Ports) -> frozenset[str]:
    """Return the names of the values that depend on the place in the stream alone.

    A state is one of them if what renews it is.
    """
    states = dict(ports.states)
    while True:
        given = {*states, *(name for name in ports.modes if name in (FRAME, REMAINING))}
        found = frozenset(_followed(graph.body, given))
        others = [name for name, renewed in states.items() if renewed not in found]
        if not others:
            return found
        for name in others:
            del states[name]


def _followed(body: Body, places: set[str]) -> set[str]:
    """Return ``places`` with all that follows from them, of nodes outside of others."""
    for node in body.nodes:
        if _keeps(node, body, places):
            places.update(node.outputs)
    return places


def _keeps(node: Node, body: Body, places: set[str]) -> bool:
    if node.op in SHAPE_READERS and not node.domain:
        return True
    if node.op not in _KEEPING or node.domain:
        return False
    if node.op in SUMS and sum(name in places for name in node.inputs) > 1:
        return False
    return all(not name or name in places or name in body.weights for name in node.inputs)
