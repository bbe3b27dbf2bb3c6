"""Recognise attention: products that go into a softmax, and the product with its result."""

from __future__ import annotations

from collections.abc import Iterable

from lrac_audit.witness.trace.attention_masks import (
    added_mask,
    masked,
    share_of,
    share_of_scores,
    zeroed,
)
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


def matrix_product(call: OperatorCall, record: WorkRecord, records: list[WorkRecord]) -> Provenance:
    """Record a convolution or matrix product; one with attention weights belongs to attention."""
    belong_to_attention(call.recorded_inputs, record)
    kept = next((each for each in call.recorded_inputs if each.kept is not None), None)
    if kept is not None:
        record.op, record.share = "attention", share_of(kept.kept)
        if kept.role == "product":  # weights without a softmax: the others are never needed
            _share_all(records, kept.record_indices, record.share)
    return Provenance(role="product", record_indices=record.own_index, allowed=added_mask(call))


def _share_all(records: list[WorkRecord], indices: Iterable[int], share: tuple[int, int]) -> None:
    """Turn records into attention of which a mask leaves this share."""
    for index in indices:
        records[index].op, records[index].share = "attention", share


def belong_to_attention(made: list[Provenance], record: WorkRecord) -> None:
    """Turn ``record`` into attention if one of its inputs is a tensor of attention weights."""
    weights = [provenance for provenance in made if provenance.role == "attention"]
    if weights:
        record.op, record.share = "attention", weights[0].share


def are_masked_weights(call: OperatorCall) -> bool:
    """Return whether the first input is the weights of attention that a mask has left."""
    made = call.recorded_inputs[:1]
    return bool(made) and made[0].role == "attention" and made[0].kept is not None


def summed_weights(call: OperatorCall, record: WorkRecord) -> Provenance:
    """Return the provenance of a reduction, which may be the sum of masked attention weights."""
    made = call.recorded_inputs[:1]
    belong_to_attention(made, record)
    if are_masked_weights(call):
        indices = made[0].record_indices | record.own_index
        return Provenance(role="weight sum", record_indices=indices)
    return call.plain


def role_kept(call: OperatorCall, record: WorkRecord, records: list[WorkRecord]) -> Provenance:
    """Return the provenance of the result of a pointwise operation on what earlier records made."""
    if not call.recorded_inputs:
        return call.plain
    first = call.recorded_inputs[0]
    allowed, kept, share = masked(call, first), zeroed(call, first), first.share
    record_indices = call.record_indices | record.own_index
    if first.role == "attention":
        record.share = first.share
        if _is_normalised(call, first):  # the weights of what was masked cancel out
            share = share_of(kept)
            _share_all(records, record_indices, share)
    return Provenance(
        role=first.role, record_indices=record_indices, allowed=allowed, share=share, kept=kept
    )


def _is_normalised(call: OperatorCall, weights: Provenance) -> bool:
    """Return whether masked attention weights are divided by their sum."""
    others = [each.role for each in call.recorded_inputs[1:]]
    return call.name == "aten.div" and weights.kept is not None and others == ["weight sum"]
