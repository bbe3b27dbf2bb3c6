"""Tell nodes that only move values, or copy them, from those that compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrac_audit.witness.onnx.graph_model import Node
from lrac_audit.witness.onnx.known_values import MOVES
from lrac_audit.witness.onnx.provenance import Provenance

LOOKUPS = frozenset({"Gather", "GatherElements", "GatherND"})
DATA_INPUTS: Mapping[str, tuple[int, ...]] = {
    "Pad": (0, 2),
    "ScatterElements": (0, 2),
    "ScatterND": (0, 2),
}
"""The inputs whose values an operator moves, where these are not the first alone."""


def moved_inputs(node: Node, inputs: Sequence[Provenance]) -> list[Provenance] | None:
    """Return the inputs whose values ``node`` moves; None where it does anything else."""
    if node.op not in MOVES or not _only_moves(node, inputs):
        return None
    at = range(len(inputs)) if node.op == "Concat" else DATA_INPUTS.get(node.op, (0,))
    return [inputs[k] for k in at if k < len(inputs)]


def _only_moves(node: Node, inputs: Sequence[Provenance]) -> bool:
    if node.op in LOOKUPS:
        return inputs[1].constant
    return bool(node.attributes.get("reduction", "none") == "none")
