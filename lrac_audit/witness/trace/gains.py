"""Tell frames with a gain, which are added where they overlap, from filters.

Both are written as ``out[..., begin:end] += frame * gain``. Each value of a frame is multiplied
once, by its gain; a filter multiplies the same values again with each of its taps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.witness.trace.product_sums import ProductSum
from lrac_audit.witness.trace.products import Product
from lrac_audit.witness.trace.work_record import WorkRecord


class GainAdded(NamedTuple):
    """A product with a tap or a gain, and the record of the addition that shows it to be one."""

    addition: WorkRecord
    product: Product


class Gains:
    """The gains that were added so far, by the tensor whose pieces they scale."""

    def __init__(self) -> None:
        self._multiplied: set[tuple[int, tuple[int, int, int]]] = set()
        self._filtered: set[int] = set()
        self._added: defaultdict[int, list[GainAdded]] = defaultdict(list)

    def multiplied(self, found: ProductSum | None, index: int) -> list[GainAdded]:
        """Note the products of the record ``index``, and return which turn out to be taps.

        These are the products of all pieces of a tensor, once one of them is multiplied again.
        """
        shown: list[GainAdded] = []
        for product in () if found is None else (chain[0] for chain in found.chains):
            if product.index != index or product.tap is None:
                continue
            signal = product.signal
            if (signal.origin, signal.piece) in self._multiplied:
                self._filtered.add(signal.origin)
                shown += self._added.pop(signal.origin, [])
            self._multiplied.add((signal.origin, signal.piece))
        return shown

    def added(self, products: Sequence[Product], addition: WorkRecord) -> list[GainAdded]:
        """Note that ``products`` were added, and return which of them are known to be taps."""
        shown: list[GainAdded] = []
        for product in products:
            origin = product.signal.origin
            place = shown if origin in self._filtered else self._added[origin]
            place.append(GainAdded(addition, product))
        return shown
