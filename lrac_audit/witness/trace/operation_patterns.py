"""Recognise matrix products, codebook searches and attention by what follows a product.

Products of tensors that are summed are a matrix product; matrix products of which the smallest or
largest is chosen are a codebook search; those that go into a softmax are attention, and so is the
product with the result of that softmax.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch

from lrac_audit.ledger.row import Geometry, Kind
from lrac_audit.witness.trace.attention import (
    SOFTMAXES,
    are_masked_weights,
    matrix_product,
    role_kept,
    softmax_of,
    summed_weights,
)
from lrac_audit.witness.trace.attention_masks import share_of_fused
from lrac_audit.witness.trace.carrying import carried
from lrac_audit.witness.trace.codebook_search import (
    CHOICES,
    COMPARISONS,
    compares_candidates,
    count_distance,
    make_search,
    pending_choice,
    reads_what_was_searched,
)
from lrac_audit.witness.trace.distance_rules import (
    LOSSES,
    NORMS,
    after_pointwise,
    after_sum,
    is_summed_loss,
    spreads,
)
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.gains import GainAdded, Gains
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.overlap_adds import is_overlap_add, overlap_add_of
from lrac_audit.witness.trace.product_rules import (
    addition_of,
    family_of,
    product_of,
    reduced,
    summed_axes,
)
from lrac_audit.witness.trace.product_sums import ProductSum
from lrac_audit.witness.trace.products import Product
from lrac_audit.witness.trace.provenance import SIGNAL, Choice, Packed, Provenance
from lrac_audit.witness.trace.recursions import with_recursion
from lrac_audit.witness.trace.work_record import RECURRENT, WorkRecord

SUMS = frozenset(
    f"aten.{n}"
    for n in words("""
sum mean nansum cumsum avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d _adaptive_avg_pool2d
_adaptive_avg_pool3d""")
)
MOST_SUMMED = 256
"""Records that are kept of taps added to each other: a recursion adds to itself without end."""
REDUCED = frozenset({"reduce", "softmax", "norm", "pool", "fft"})


class PatternRecogniser:
    """The records of a run, which are changed when a later operation shows what they belong to."""

    def __init__(self, finds_search: bool, elsewhere: str) -> None:
        """``finds_search`` says that all of this is the quantizer: any choice in it is a search.

        Otherwise a choice is one only if what was searched is then looked up by its result.
        ``elsewhere`` names what happens outside all modules.
        """
        self.records: list[WorkRecord] = []
        self._finds_search, self._elsewhere = finds_search, elsewhere
        self._gains = Gains()

    def carry(self, call: OperatorCall) -> Provenance:
        """Return the provenance of values that were only moved or copied."""
        if is_overlap_add(call) and not call.plain.constant:
            return self._overlap_added(call)
        found = carried(call)
        if found.packed and call.outputs and _is_whole(call):
            self._unpack(found.packed)
            return replace(found, packed=())
        return found

    def add(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Add ``record``, and return the provenance of the results of the call."""
        self.records.append(record)
        choices = call.choices
        found = self._recognised(call, record)
        if not choices:
            return found
        self.confirm(c for c in choices if reads_what_was_searched(call, record, c, self.records))
        pending = () if record.op == "lookup" or record.has_macs else choices
        return replace(found, choices=found.choices + pending)

    def confirm(self, choices: Iterable[Choice]) -> None:
        """Turn what was chosen among into codebook searches."""
        for choice in choices:
            make_search(self.records, choice, self._elsewhere)

    def _recognised(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Return the provenance of the results, and change the records that belong together."""
        if is_overlap_add(call):
            return self._overlap_added(call, record)
        if call.name in SUMS and are_masked_weights(call):
            return summed_weights(call, record)
        found = self._chosen(call, record) if call.name in CHOICES else None
        if found is None and (call.name in SUMS or call.name in NORMS or is_summed_loss(call)):
            found = self._summed(call, record)
        if found is not None:
            return found
        if call.name in SOFTMAXES:
            return softmax_of(call, record, self.records)
        if record.op == "attention":
            record.share = share_of_fused(call)
            return Provenance(role="product", record_indices=record.own_index)
        if record.has_macs:
            return matrix_product(call, record, self.records)
        if record.op == "lookup":
            picked = call.provenances[0].products
            kept = None if picked is None else picked.fitted(call.outputs[0].shape)
            found = summed_weights(call, record)
            role = "codewords" if found.role == "plain" else found.role
            return replace(found, role=role, products=kept)
        if record.op in REDUCED and call.name not in LOSSES:
            return summed_weights(call, record)
        return self._pointwise(call, record)

    def _compared(self, call: OperatorCall, record: WorkRecord) -> tuple[Choice, ...]:
        """Turn two products of which the smaller or larger is chosen into a codebook search."""
        choice = pending_choice(call, record)
        if choice is None or not self._finds_search:
            return () if choice is None else (choice,)
        make_search(self.records, choice, self._elsewhere)
        return ()

    def _chosen(self, call: OperatorCall, record: WorkRecord) -> Provenance | None:
        """Turn products of which the smallest or largest was chosen into a codebook search.

        None if nothing was chosen among products. Outside a quantizer that shows only later.
        """
        choice = pending_choice(call, record)
        if choice is None:
            return None
        if self._finds_search:
            make_search(self.records, choice, self._elsewhere)
            return SIGNAL
        return replace(call.plain, choices=(choice,))

    def _summed(self, call: OperatorCall, record: WorkRecord) -> Provenance | None:
        """Turn products and spread distances that are summed into multiply-accumulates.

        None if there are neither in what is summed.
        """
        given, axes = call.provenances[0], summed_axes(call)
        is_norm = call.name not in SUMS
        products = [] if given.products is None or is_norm else given.products.accumulated(axes)
        distances = after_sum(call, record.index)
        spread = [each for each in distances if each.is_spread]
        if not products and not spread:
            if not distances and given.products is None:
                return None
            rest = None if is_norm else reduced(given.products, call, axes)
            return replace(call.plain, distances=distances, products=rest)
        packed = _packed(products, self.records)
        record.work = {}
        for product in products:
            self._accumulate(product, call.outputs[0].numel())
        for distance in spread:
            count_distance(self.records, distance, self._elsewhere)
        record_indices = [product.index for product in products] + [d.counted for d in spread]
        rest_of = tuple(each for each in distances if not each.is_spread)
        return Provenance(
            role="product",
            record_indices=frozenset(record_indices),
            distances=rest_of,
            packed=packed,
        )

    def _overlap_added(self, call: OperatorCall, record: WorkRecord | None = None) -> Provenance:
        """Turn products that are added where they overlap into multiply-accumulates."""
        found = overlap_add_of(call)
        if not found.taps:
            return replace(call.plain, products=found.left)
        if record is not None:
            record.work = {}
        for product in found.taps:
            self._accumulate(product, product.values)
        indices = frozenset(product.index for product in found.taps)
        return Provenance(role="product", record_indices=indices, products=found.left)

    def _accumulate(self, product: Product, sums: int) -> None:
        """Turn the record of a product into multiply-accumulates for ``sums`` values."""
        record = self.records[product.index]
        if record.has_macs:
            return
        record.work = {Kind.LINEAR: product.macs}
        if product.share is not None:
            record.op, record.share = "attention", product.share
        elif record.op not in RECURRENT.values():
            record.op = "linear"
        columns = record.geometry.channels_out
        if sums < product.values:
            record.geometry = Geometry(product.values // max(sums, 1), columns)
            record.runs = max(sums // max(columns, 1), 1)

    def _unpack(self, packed: Iterable[Packed]) -> None:
        """Undo multiply-accumulates that only put an index together."""
        for each in packed:
            record = self.records[each.record]
            record.work, record.op = dict(each.work), each.op

    def _pointwise(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Record a pointwise operation, which keeps the role of what it is applied to."""
        is_spread = spreads(call)
        found = SIGNAL if is_spread else role_kept(call, record, self.records)
        is_comparison = call.name in COMPARISONS and compares_candidates(call)
        choices = self._compared(call, record) if is_comparison else ()
        products, taps = self._products(call, record)
        if taps and found.role in ("plain", "product"):
            found = _summed_taps(call, taps)
        packed = tuple(dict.fromkeys(each for one in call.provenances for each in one.packed))
        return replace(
            found,
            products=products,
            sums=frozenset({record.site} if products is not None and products.is_whole else ()),
            distances=after_pointwise(call, record.index, is_spread),
            family=family_of(call),
            packed=packed,
            choices=choices,
        )

    def _products(
        self, call: OperatorCall, record: WorkRecord
    ) -> tuple[ProductSum | None, list[Product]]:
        """Return the products in a result, and which are taps of a filter and are counted now."""
        if record.op in RECURRENT.values():
            return None, []  # gates are no filter, and a state would carry those of every step
        addition = addition_of(call, record.index)
        if addition is None:
            found = product_of(call, record.index)
            self._count_taps(self._gains.multiplied(found, record.index))
            return found, []
        addition = with_recursion(call, addition, self.records, record.site)
        self._count_taps(self._gains.multiplied(addition.total, record.index))
        taps = [GainAdded(record, tap) for tap in addition.taps]
        taps += self._gains.added(addition.gains, record)
        self._count_taps(taps)
        return addition.total, [tap.product for tap in taps]

    def _count_taps(self, taps: Iterable[GainAdded]) -> None:
        """Turn products that were added one by one, and their additions, into those of a filter.

        An addition may hold a product itself, as ``addcmul`` does.
        """
        for tap in taps:
            if not tap.addition.has_macs:
                tap.addition.work = {}
            self._accumulate(tap.product, tap.product.values)


def _summed_taps(call: OperatorCall, taps: Iterable[Product]) -> Provenance:
    """Return the provenance of products that were added one by one: that of one product."""
    indices = call.record_indices | {tap.index for tap in taps}
    kept = frozenset(sorted(indices)[-MOST_SUMMED:])
    return Provenance(role="product", record_indices=kept)


def _is_whole(call: OperatorCall) -> bool:
    """Return whether the result holds whole numbers."""
    out = call.outputs[0]
    return not out.is_floating_point() and not out.is_complex() and out.dtype != torch.bool


def _packed(products: Iterable[Product], records: list[WorkRecord]) -> tuple[Packed, ...]:
    """Return the products whose constant factor is of whole numbers, with their work as it is."""
    whole = [p for p in products if any(factor.is_whole for factor in p.factors)]
    found = [records[product.index] for product in whole]
    return tuple(Packed(each.index, tuple(each.work.items()), each.op) for each in found)
