"""What a product is for, seen from what becomes of it.

One that ends in the choice of the smallest is a codebook search; tensors spread against each other
and summed are a product of matrices; one that ends in a softmax is attention, and so is the product
with what comes out of that.
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
from lrac_audit.witness.trace.formulas.ignored import CARRIES
from lrac_audit.witness.trace.formulas.registry import words
from lrac_audit.witness.trace.operator_call import Operation
from lrac_audit.witness.trace.provenance import SIGNAL, Trail, distinct_values
from lrac_audit.witness.trace.work_record import Record

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


def carried(operation: Operation) -> Trail:
    """The trail of the same values elsewhere or in another shape."""
    plain = operation.plain
    made = [trail for trail in operation.trails if trail.role != "plain"]
    if operation.name not in CARRIES or plain.constant or not made:
        return plain
    first = made[0]
    allowed = reshaped(first.allowed, operation.tensors[0], operation.outputs)
    parts = frozenset().union(*(trail.parts for trail in made))
    return Trail(role=first.role, parts=parts, allowed=allowed, share=first.share)


class Purposes:
    """The records of a run, changed in hindsight when their purpose shows."""

    def __init__(self, finds_search: bool, elsewhere: str) -> None:
        """``elsewhere`` names what happens outside all modules."""
        self.records: list[Record] = []
        self._finds_search, self._elsewhere = finds_search, elsewhere

    def add(self, operation: Operation, record: Record) -> Trail:
        """Write down ``record``; the trail of what the operation gives."""
        self.records.append(record)
        made = operation.made
        if operation.name in CHOICES and made and self._finds_search:
            return self._search(operation, record)
        if operation.name in SUMS and made and made[0].role == "outer":
            return self._broadcast_product(operation, record)
        if operation.name in SOFTMAXES:
            return self._softmax(operation, record)
        if record.op == "attention":
            record.share = share_of_fused(operation)
            return Trail(role="product", parts=record.itself)
        if record.has_macs:
            return _product(operation, record)
        if record.op in REDUCED or operation.plain.constant:
            _belong_to_attention(made[:1], record)
            return operation.plain
        return _pointwise(operation, record)

    def _search(self, operation: Operation, record: Record) -> Trail:
        """The smallest or largest of products was chosen: they are a codebook search."""
        parts = [self.records[index] for index in sorted(operation.parts)]
        paths = [part.path for part in parts if part.has_macs]
        path = paths[-1] if paths else record.path
        for part in parts:
            part.work, part.op, part.path = _as_search(part.work), "search", path
        compared = operation.tensors[0].numel()
        record.work, record.op, record.path = {Kind.SEARCH_COMPARE: compared}, "search", path
        return SIGNAL

    def _broadcast_product(self, operation: Operation, record: Record) -> Trail:
        """Tensors were spread against each other, and summed: one multiply-accumulate a value."""
        for index in operation.parts:
            part = self.records[index]
            part.work = {}
            record.bases |= part.bases
            if record.path == self._elsewhere:
                record.path = part.path
        out, values = operation.outputs[0], operation.tensors[0].numel()
        sums, columns = out.numel(), out.shape[-1] if out.dim() else 1
        record.work, record.op = {Kind.LINEAR: values}, "linear"
        record.geometry = Geometry(values // max(sums, 1), columns)
        record.runs = sums // max(columns, 1)
        return Trail(role="product", parts=record.itself)

    def _softmax(self, operation: Operation, record: Record) -> Trail:
        """Of products, it is attention's."""
        scores = operation.trails[0]
        if scores.role != "product":
            return SIGNAL
        share = share_of_scores(operation.tensors[0], scores.allowed)
        parts = operation.parts | record.itself
        for index in parts:
            self.records[index].op, self.records[index].share = "attention", share
        return Trail(role="attention", parts=parts, share=share)


def _as_search(work: dict[str, int]) -> dict[str, int]:
    """The kinds of work that products and what follows them are in a search."""
    found: dict[str, int] = {}
    for kind, n in work.items():
        now = SEARCH_KINDS.get(kind, kind)
        found[now] = found.get(now, 0) + n
    return found


def _product(operation: Operation, record: Record) -> Trail:
    """A convolution or a product of matrices; with the weights of attention, that's."""
    _belong_to_attention(operation.made, record)
    if operation.plain.constant:
        return operation.plain
    return Trail(role="product", parts=record.itself, allowed=added_mask(operation))


def _belong_to_attention(made: list[Trail], record: Record) -> None:
    """A record is of attention if one of ``made`` is."""
    weights = [trail for trail in made if trail.role == "attention"]
    if weights:
        record.op, record.share = "attention", weights[0].share


def _pointwise(operation: Operation, record: Record) -> Trail:
    """An operation value by value leaves what was made what it is."""
    if _spreads(operation):
        return Trail(role="outer", parts=record.itself)
    if not operation.made:
        return operation.plain
    first = operation.made[0]
    allowed = masked(operation, first)
    if first.role == "attention":
        record.share = first.share
    parts = operation.parts | record.itself
    return Trail(role=first.role, parts=parts, allowed=allowed, share=first.share)


def _spreads(operation: Operation) -> bool:
    """Whether two tensors are spread against each other: each has fewer values than the result."""
    if len(operation.tensors) != 2 or len(operation.outputs) != 1:
        return False
    values = operation.outputs[0].numel()
    return all(1 < distinct_values(tensor) < values for tensor in operation.tensors)
