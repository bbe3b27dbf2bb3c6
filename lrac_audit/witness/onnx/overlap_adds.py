"""Sums of a transposed convolution that go on from one call to the next.

The last sums of a call lack what later calls add to them. They are kept, and the next call starts
from them and not from zeros: that is no operation beside its multiply-accumulates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrac_audit.witness.onnx.graph_model import Node
from lrac_audit.witness.onnx.provenance import Provenance, WorkRecord


class OverlapAdd(NamedTuple):
    """The addition of a kept state to the result of a transposed convolution."""

    record: int
    state: str
    sums: tuple[str, str]
    """The result of the transposed convolution, and what it is with the state added."""


def overlap_add(
    node: Node, inputs: Sequence[Provenance], index: int, records: Sequence[WorkRecord]
) -> OverlapAdd | None:
    """Return the addition that ``node`` may be; None for another operation."""
    if node.op != "Add":
        return None
    for sums, kept in (inputs, inputs[::-1]):
        made = [records[at].op for at in sums.products]
        if made == ["transposed_conv"] and kept.source in kept.states:
            return OverlapAdd(index, kept.source, (sums.source, node.outputs[0]))
    return None


def start_from(
    found: Sequence[OverlapAdd], renewed: Mapping[str, str], records: Sequence[WorkRecord]
) -> None:
    """Drop the work of those of ``found`` whose states are renewed by other parts of their sums.

    ``renewed`` says by the name of a state what value its renewal is moved from.
    """
    for each in found:
        if renewed[each.state] in each.sums:
            records[each.record].work = {}
