"""Recognise codebook searches, broadcast products and attention by what follows a product.

Products of which the smallest or largest is chosen are a codebook search; tensors broadcast against
each other and summed are a matrix product; products that go into a softmax are attention, and so is
the product with the result of that softmax.
"""

from __future__ import annotations

from lrac_audit.ledger.row import MAC_KINDS, Geometry, Kind
from lrac_audit.witness.trace.attention_masks import (
    added_mask,
    masked,
    reshaped,
    share_of_fused,
    share_of_scores,
)
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.formulas.ignored import CARRIES
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import SIGNAL, Provenance, distinct_values
from lrac_audit.witness.trace.work_record import WorkRecord

CHOICES = frozenset(f"aten.{n}" for n in words("argmin argmax min max topk sort argsort"))
SUMS = frozenset(f"aten.{n}" for n in words("sum mean linalg_vector_norm norm"))
SOFTMAXES = frozenset(f"aten.{n}" for n in words("_softmax _safe_softmax _log_softmax"))
REDUCED = frozenset({"reduce", "softmax", "norm", "pool", "fft"})
SEARCH_KINDS = {
    **dict.fromkeys(MAC_KINDS, Kind.CODEBOOK_SEARCH),
    Kind.BIAS: Kind.SEARCH_NORM,
    Kind.RESIDUAL_ADD: Kind.SEARCH_NORM,
    Kind.POINTWISE: Kind.SEARCH_NORM,
}


def carried(call: OperatorCall) -> Provenance:
    """Return the provenance of values that were only moved or reshaped."""
    plain = call.plain
    made = [provenance for provenance in call.provenances if provenance.role != "plain"]
    if call.name not in CARRIES or plain.constant or not made:
        return plain
    first = made[0]
    allowed = reshaped(first.allowed, call.tensors[0], call.outputs)
    record_indices = frozenset().union(*(provenance.record_indices for provenance in made))
    return Provenance(
        role=first.role, record_indices=record_indices, allowed=allowed, share=first.share
    )


class PatternRecogniser:
    """The records of a run, which are changed when a later operation shows what they belong to."""

    def __init__(self, finds_search: bool, elsewhere: str) -> None:
        """``elsewhere`` names what happens outside all modules."""
        self.records: list[WorkRecord] = []
        self._finds_search, self._elsewhere = finds_search, elsewhere

    def add(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Add ``record``, and return the provenance of the results of the call."""
        self.records.append(record)
        made = call.recorded_inputs
        if call.name in CHOICES and made and self._finds_search:
            return self._search(call, record)
        if call.name in SUMS and made and made[0].role == "outer":
            return self._broadcast_product(call, record)
        if call.name in SOFTMAXES:
            return self._softmax(call, record)
        if record.op == "attention":
            record.share = share_of_fused(call)
            return Provenance(role="product", record_indices=record.own_index)
        if record.has_macs:
            return _product(call, record)
        if record.op in REDUCED or call.plain.constant:
            _belong_to_attention(made[:1], record)
            return call.plain
        return _pointwise(call, record)

    def _search(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Turn products of which the smallest or largest was chosen into a codebook search."""
        parts = [self.records[index] for index in sorted(call.record_indices)]
        paths = [part.path for part in parts if part.has_macs]
        path = paths[-1] if paths else record.path
        for part in parts:
            part.work, part.op, part.path = _as_search(part.work), "search", path
        compared = call.tensors[0].numel()
        record.work, record.op, record.path = {Kind.SEARCH_COMPARE: compared}, "search", path
        return SIGNAL

    def _broadcast_product(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Turn a broadcast that is summed into a matrix product: one MAC for each value."""
        for index in call.record_indices:
            part = self.records[index]
            part.work = {}
            record.stored_ids |= part.stored_ids
            if record.path == self._elsewhere:
                record.path = part.path
        out, values = call.outputs[0], call.tensors[0].numel()
        sums, columns = out.numel(), out.shape[-1] if out.dim() else 1
        record.work, record.op = {Kind.LINEAR: values}, "linear"
        record.geometry = Geometry(values // max(sums, 1), columns)
        record.runs = sums // max(columns, 1)
        return Provenance(role="product", record_indices=record.own_index)

    def _softmax(self, call: OperatorCall, record: WorkRecord) -> Provenance:
        """Record a softmax; if it is over matrix products, they all become attention."""
        scores = call.provenances[0]
        if scores.role != "product":
            return SIGNAL
        share = share_of_scores(call.tensors[0], scores.allowed)
        record_indices = call.record_indices | record.own_index
        for index in record_indices:
            self.records[index].op, self.records[index].share = "attention", share
        return Provenance(role="attention", record_indices=record_indices, share=share)


def _as_search(work: dict[str, int]) -> dict[str, int]:
    """Return the kinds that the work of products and of what follows them has in a search."""
    found: dict[str, int] = {}
    for kind, n in work.items():
        now = SEARCH_KINDS.get(kind, kind)
        found[now] = found.get(now, 0) + n
    return found


def _product(call: OperatorCall, record: WorkRecord) -> Provenance:
    """Record a convolution or matrix product; one with attention weights belongs to attention."""
    _belong_to_attention(call.recorded_inputs, record)
    if call.plain.constant:
        return call.plain
    return Provenance(role="product", record_indices=record.own_index, allowed=added_mask(call))


def _belong_to_attention(made: list[Provenance], record: WorkRecord) -> None:
    """Turn ``record`` into attention if one of its inputs is a tensor of attention weights."""
    weights = [provenance for provenance in made if provenance.role == "attention"]
    if weights:
        record.op, record.share = "attention", weights[0].share


def _pointwise(call: OperatorCall, record: WorkRecord) -> Provenance:
    """Record a pointwise operation, which keeps the role of what it is applied to."""
    if _spreads(call):
        return Provenance(role="outer", record_indices=record.own_index)
    if not call.recorded_inputs:
        return call.plain
    first = call.recorded_inputs[0]
    allowed = masked(call, first)
    if first.role == "attention":
        record.share = first.share
    record_indices = call.record_indices | record.own_index
    return Provenance(
        role=first.role, record_indices=record_indices, allowed=allowed, share=first.share
    )


def _spreads(call: OperatorCall) -> bool:
    """Return whether two tensors are broadcast against each other, each smaller than the result."""
    if len(call.tensors) != 2 or len(call.outputs) != 1:
        return False
    values = call.outputs[0].numel()
    return all(1 < distinct_values(tensor) < values for tensor in call.tensors)
