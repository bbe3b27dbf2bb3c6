"""Codebook searches: products or distances of which the least or greatest is chosen."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.search_work import as_search
from lrac_audit.witness.trace.distances import Distance
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import Choice, Provenance
from lrac_audit.witness.trace.work_record import WorkRecord

CHOICES = frozenset(f"aten.{n}" for n in words("argmin argmax min max topk sort argsort kthvalue"))
COMPARISONS = frozenset(f"aten.{n}" for n in words("lt le gt ge minimum maximum"))


def pending_choice(call: OperatorCall, record: WorkRecord) -> Choice | None:
    """Return what was chosen among products or distances; None if there are none."""
    distances = tuple(
        dict.fromkeys(d for each in call.provenances for d in each.distances if d.is_squared)
    )
    if not call.recorded_inputs and not distances:
        return None
    values = call.tensors[0]
    axis = call.argument("dim")
    candidates = values.shape[axis] if isinstance(axis, int) and values.dim() else values.numel()
    compared = call.outputs[0].numel() if call.name in COMPARISONS else values.numel()
    return Choice(record.index, call.record_indices, distances, candidates, compared)


def compares_candidates(call: OperatorCall) -> bool:
    """Return whether two results of products or distances are compared with each other."""
    return len(call.provenances) == 2 and all(map(_is_candidate, call.provenances))


def _is_candidate(provenance: Provenance) -> bool:
    if provenance.constant:
        return False
    return provenance.role == "product" or any(d.is_squared for d in provenance.distances)


def of_result(call: OperatorCall, tensor: Tensor, provenance: Provenance) -> Provenance:
    """Return the provenance of one result of a call: the values chosen are no indices."""
    if call.name in CHOICES and tensor.is_floating_point() and provenance.choices:
        return replace(provenance, choices=())
    return provenance


def searched_ids(choice: Choice, records: list[WorkRecord]) -> frozenset[int]:
    """Return the stored tensors that take part in what was chosen among, by id."""
    indices = choice.products.union(*(distance.records for distance in choice.distances))
    return frozenset().union(*(records[index].stored_ids for index in indices))


def reads_what_was_searched(
    call: OperatorCall, record: WorkRecord, choice: Choice, records: list[WorkRecord]
) -> bool:
    """Return whether a call reads the table that a choice was made among.

    That is a table of the same stored tensor, or one that is looked up, also by a product with
    one-hot vectors, and has a vector for each candidate. A matrix for each is no codeword: it is
    the weight of an expert.
    """
    searched = searched_ids(choice, records)
    rows = {choice.candidates} if record.op in ("lookup", "linear") else set()
    return any(
        each.constant
        and (each.stored_ids & searched or (_is_table(tensor) and tensor.shape[0] in rows))
        for tensor, each in zip(call.tensors, call.provenances, strict=True)
    )


def _is_table(tensor: Tensor) -> bool:
    """Return whether the rows of ``tensor`` are vectors or numbers."""
    return tensor.dim() > 0 and sum(size > 1 for size in tensor.shape[1:]) <= 1


def count_distance(records: list[WorkRecord], distance: Distance, elsewhere: str) -> None:
    """Turn the squares of a distance into multiply-accumulates, all its other work included."""
    counted = records[distance.counted]
    if counted.has_macs:
        return
    for index in distance.records:
        part = records[index]
        counted.stored_ids |= part.stored_ids
        if counted.path == elsewhere:
            counted.path = part.path
        part.work = {}
    counted.work, counted.op = {Kind.LINEAR: distance.values}, "linear"


def make_search(records: list[WorkRecord], choice: Choice, elsewhere: str) -> None:
    """Turn what was chosen among, and the choice, into a codebook search."""
    for distance in choice.distances:
        count_distance(records, distance, elsewhere)
    indices = choice.products.union(distance.counted for distance in choice.distances)
    record, parts = records[choice.record], [records[index] for index in sorted(indices)]
    paths = [part.path for part in parts if part.has_macs]
    path = paths[-1] if paths else record.path
    for part in parts:
        part.work, part.op, part.path = as_search(part.work), "search", path
    record.work, record.op, record.path = {Kind.SEARCH_COMPARE: choice.compared}, "search", path
