"""Codebook searches: products or distances of which the least or greatest is chosen.

That a choice belongs to a quantizer shows in what becomes of its indices: they leave the graph, or
read the vectors that were chosen among.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.onnx.graph_model import Value
from lrac_audit.witness.onnx.provenance import Choice, Provenance, WorkRecord
from lrac_audit.witness.search_work import as_search

CHOICES = frozenset({"ArgMin", "ArgMax", "TopK"})


def choice_among(products: frozenset[int], record: int, values: Value, axis: int) -> Choice:
    """Return the choice of ``record`` among ``values``, which these products made."""
    shape = values.shape or (1,)
    return Choice(record, products, shape[axis], values.values)


def reads_what_was_searched(
    choice: Choice, table: Provenance, shape: Sequence[int], records: Sequence[WorkRecord]
) -> bool:
    """Return whether a lookup in ``table`` by the indices of ``choice`` reads codewords.

    They are in a constant that was searched, or in a table of a vector for each candidate. A
    matrix for each is no codeword: it is the weight of an expert.
    """
    searched = {name for index in choice.products for name in records[index].weights}
    is_table = len(shape) > 0 and sum(size > 1 for size in shape[1:]) <= 1
    return bool(table.weights & searched) or (is_table and shape[0] == choice.candidates)


def make_search(records: Sequence[WorkRecord], choice: Choice) -> None:
    """Turn what was chosen among, and the choice, into a codebook search."""
    parts = [records[index] for index in sorted(choice.products)]
    chosen = records[choice.record]
    if chosen.op == "search" or not any(part.macs for part in parts):
        return
    row = [part.row for part in parts if part.macs][-1]
    for part in parts:
        part.work, part.op, part.row = as_search(part.work), "search", row
    chosen.work, chosen.op, chosen.row = {Kind.SEARCH_COMPARE: choice.compared}, "search", row
