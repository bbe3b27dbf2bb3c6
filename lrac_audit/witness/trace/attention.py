"""Recognise attention: products that go into a softmax, and the product with its result."""

from __future__ import annotations

from lrac_audit.witness.trace.attention_masks import added_mask, masked, share_of_scores
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import SIGNAL, Provenance
from lrac_audit.witness.trace.work_record import WorkRecord

SOFTMAXES = frozenset(f"aten.{n}" for n in words("_softmax _safe_softmax _log_softmax"))


def softmax_of(call: OperatorCall, record: WorkRecord, records: list[WorkRecord]) -> Provenance:
    """Record a softmax; if it is over matrix products, they all become attention."""
    scores = call.provenances[0]
    if scores.role != "product":
        return SIGNAL
    share = share_of_scores(call.tensors[0], scores.allowed)
    record_indices = call.record_indices | record.own_index
    for index in record_indices:
        records[index].op, records[index].share = "attention", share
    return Provenance(role="attention", record_indices=record_indices, share=share)


def matrix_product(call: OperatorCall, record: WorkRecord) -> Provenance:
    """Record a convolution or matrix product; one with attention weights belongs to attention."""
    belong_to_attention(call.recorded_inputs, record)
    return Provenance(role="product", record_indices=record.own_index, allowed=added_mask(call))


def belong_to_attention(made: list[Provenance], record: WorkRecord) -> None:
    """Turn ``record`` into attention if one of its inputs is a tensor of attention weights."""
    weights = [provenance for provenance in made if provenance.role == "attention"]
    if weights:
        record.op, record.share = "attention", weights[0].share


def role_kept(call: OperatorCall, record: WorkRecord) -> Provenance:
    """Return the provenance of the result of a pointwise operation on what earlier records made."""
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
