"""The work that a codec does in one clip, by module and kind of operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lrac_audit.ledger.row import MAC_KINDS, Geometry, Side, Stage
from lrac_audit.witness.escapes.escape_log import EscapeLog
from lrac_audit.witness.escapes.reads import Read
from lrac_audit.witness.trace.work_record import WorkRecord, problem_record

Key = tuple[Side, Stage, str, str]
"""Side, stage, path of the module, kind of operation."""

Origin = tuple[Side, Stage, str]
"""Side, stage and operator of torch."""


class CallWork(NamedTuple):
    """The work of one call of an operator."""

    by_kind: dict[str, int]
    reduced: int
    """The work of the reductions that it was computed of, if of nothing else; otherwise 0."""
    site: int
    """The place in the code, as a number."""


@dataclass(slots=True)
class WorkPart:
    """The work of one kind that one module did in one run."""

    geometry: Geometry
    work: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    stored_ids: dict[int, None] = field(default_factory=dict)
    """Stored tensors that it read, by id, in order."""
    calls: list[CallWork] = field(default_factory=list)
    """What each call did, in order."""
    macs_by_operator: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    def add(self, record: WorkRecord, reduced: int = 0) -> None:
        """Add one record; ``reduced`` is the work of the reductions that it was computed of."""
        share, whole = record.share
        work = {kind: n * share // whole for kind, n in record.work.items()}
        self.work.update(work)
        self.macs_by_operator[record.operator] += _macs(work)
        self.calls.append(CallWork(work, reduced, record.site))
        self.runs += record.runs
        self.stored_ids.update(dict.fromkeys(record.stored_ids))
        self.problem = self.problem or record.problem


@dataclass(slots=True)
class TracedRun:
    """Everything that happened at one length."""

    hops: int
    parts: dict[Key, WorkPart] = field(default_factory=dict)
    random: set[str] = field(default_factory=set)
    reads: list[Read] = field(default_factory=list)
    records: int = 0
    """How many operations were recorded."""
    sites: Counter[int] = field(default_factory=Counter)
    """How many of them each place in the code made."""
    constant_macs: Counter[Origin] = field(default_factory=Counter)
    """Multiply-accumulates of constants alone by stage and operator, which are paid once."""
    unmasked_macs: Counter[Origin] = field(default_factory=Counter)
    """Multiply-accumulates by stage and operator, of all pairs where a mask leaves some out."""

    def add_constants(self, side: Side, stage: Stage, macs: Mapping[str, int]) -> None:
        """Add what one stage multiplied and accumulated of constants alone, by operator."""
        for operator, n in macs.items():
            self.constant_macs[side, stage, operator] += n

    def add(self, side: Side, stage: Stage, records: Sequence[WorkRecord]) -> None:
        """Add the records of one stage."""
        for record in records:
            key = side, stage, record.path, record.op
            if key not in self.parts:
                self.parts[key] = WorkPart(record.geometry)
            reduced = sum(sum(records[index].work.values()) for index in record.reductions)
            self.parts[key].add(record, reduced)
            self.unmasked_macs[side, stage, record.operator] += _macs(record.work)
            self.records += 1
            self.sites[record.site] += 1

    def part(self, key: Key) -> WorkPart:
        """Return the work of one kind in one module, none where there was none."""
        return self.parts.get(key) or WorkPart(Geometry(1, 1))

    def add_escapes(self, side: Side, stage: Stage, log: EscapeLog) -> None:
        """Add what one stage did where nothing counts it, and the values that it read."""
        for escape in log.escapes:
            record = problem_record(0, escape.path, escape.operation, escape.problem)
            self.add(side, stage, [record])
        self.reads += log.reads


def _macs(work: Mapping[str, int]) -> int:
    return sum(n for kind, n in work.items() if kind in MAC_KINDS)
