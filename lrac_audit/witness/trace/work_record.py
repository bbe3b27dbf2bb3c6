"""The record of one call of an operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import nn

from lrac_audit.ledger.row import MAC_KINDS, Geometry, Kind
from lrac_audit.witness.trace.formulas.formula_table import Work

RECURRENT = {
    nn.LSTM: "lstm",
    nn.LSTMCell: "lstm",
    nn.GRU: "gru",
    nn.GRUCell: "gru",
    nn.RNN: "rnn",
    nn.RNNCell: "rnn",
}
GATES = (Kind.RESIDUAL_ADD, Kind.POINTWISE)
"""Kinds that are gate arithmetic inside a recurrent layer."""


@dataclass(slots=True)
class WorkRecord:
    """One call of an operator."""

    index: int
    """Its place among the records."""
    path: str
    op: str
    work: dict[str, int]
    geometry: Geometry
    runs: int
    stored_ids: frozenset[int] = frozenset()
    """The stored tensors that it reads, by id."""
    share: tuple[int, int] = (1, 1)
    """How many of how many pairs count, under a mask."""
    reductions: frozenset[int] = frozenset()
    """The records of the reductions that it was computed of, if of nothing else."""
    operator: str = ""
    """The operator of torch that did it, such as ``aten.mm``."""
    site: int = 0
    """The place in the code that called it, as a number."""
    problem: str = ""

    @property
    def has_macs(self) -> bool:
        """Whether it multiplies and accumulates."""
        return any(kind in MAC_KINDS for kind in self.work)

    @property
    def own_index(self) -> frozenset[int]:
        """Its index as a set, the form in which a provenance keeps indices."""
        return frozenset({self.index})


def macs_of(records: Iterable[WorkRecord]) -> int:
    """Return the multiply-accumulates of some records, before masks."""
    return sum(n for record in records for kind, n in record.work.items() if kind in MAC_KINDS)


def record_of(
    index: int, path: str, work: Work, stored_ids: frozenset[int], module: nn.Module | None
) -> WorkRecord:
    """Return the record of ``work`` done while ``module`` runs."""
    by_kind = {kind: n for kind, n in work.by_kind.items() if n}
    record = WorkRecord(index, path, work.op, by_kind, work.geometry, work.runs, stored_ids)
    if type(module) in RECURRENT:
        _make_recurrent(record, module)
    return record


def problem_record(
    index: int, path: str, op: str, problem: str, stored_ids: frozenset[int] = frozenset()
) -> WorkRecord:
    """Return the record of work that cannot be counted, with the reason."""
    return WorkRecord(index, path, op, {}, Geometry(1, 1), 0, stored_ids, problem=problem)


def _make_recurrent(record: WorkRecord, module: Any) -> None:
    """Attribute a record to its recurrent layer; sums and products become gate arithmetic."""
    record.op = RECURRENT[type(module)]
    record.geometry = Geometry(module.input_size, module.hidden_size)
    record.work = {Kind.GATE_ARITHMETIC if k in GATES else k: n for k, n in record.work.items()}
