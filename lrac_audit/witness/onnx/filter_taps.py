"""Filters that are written tap by tap: moved copies of one tensor, times constants, added up.

From three taps on they are counted as the linear map that they are. Two copies may as well be the
halves of pairs that positions turn, which is no filter.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.onnx.provenance import NONE, Provenance, Taps, WorkRecord

LEAST_TAPS = 3
SUMS = frozenset({"Add", "Sub", "Sum"})


def taps_after(
    op: str, inputs: Sequence[Provenance], index: int, records: Sequence[WorkRecord]
) -> Taps | None:
    """Return the taps that the result of ``op`` is a sum of; None for no such sum.

    With enough of them, turn their products into multiply-accumulates.
    """
    signals = [each for each in inputs if not each.constant]
    if op == "Mul" and len(signals) == 1 and signals[0].source:
        return Taps(signals[0].source, frozenset({index}), NONE)
    if op not in SUMS or not all(each.taps for each in signals):
        return None
    found = [each.taps for each in signals if each.taps is not None]
    if len({each.source for each in found}) != 1:
        return None
    products = frozenset().union(*(each.products for each in found))
    sums = frozenset().union({index}, *(each.sums for each in found))
    if len(products) >= LEAST_TAPS:
        _count(products, sums, records)
    return Taps(found[0].source, products, sums)


def _count(products: frozenset[int], sums: frozenset[int], records: Sequence[WorkRecord]) -> None:
    for at in products:
        record = records[at]
        record.op = "linear"
        record.work = {Kind.LINEAR: record.work.get(Kind.POINTWISE) or record.macs}
    for at in sums:
        records[at].work = {}
