"""Derive rows from runs of several lengths: the cost of one more hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

from lrac_audit.ledger.row import MAC_KINDS, Geometry, Row, Side, Stage
from lrac_audit.witness.escapes.escape_log import EscapeLog
from lrac_audit.witness.escapes.reads import Read
from lrac_audit.witness.trace.module_tracking import StoredTensor
from lrac_audit.witness.trace.work_record import WorkRecord, problem_record

CODEBOOK_OPS = ("search", "lookup")
RECURRENT_OPS = ("lstm", "gru", "rnn")
_OTHER_SIDE: Mapping[Side, Side] = {"transmit": "receive", "receive": "transmit"}

Key = tuple[Side, Stage, str, str]
"""Side, stage, path of the module, kind of operation."""


@dataclass(slots=True)
class WorkPart:
    """The work of one kind that one module did in one run."""

    geometry: Geometry
    work: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    stored_ids: dict[int, None] = field(default_factory=dict)
    """Stored tensors that it read, by id, in order."""
    problem: str = ""


@dataclass(slots=True)
class TracedRun:
    """Everything that happened at one length."""

    hops: int
    parts: dict[Key, WorkPart] = field(default_factory=dict)
    stored: dict[int, StoredTensor] = field(default_factory=dict)
    random: set[str] = field(default_factory=set)
    reads: list[Read] = field(default_factory=list)

    def add_escapes(self, side: Side, stage: Stage, log: EscapeLog) -> None:
        """Add what one stage did where nothing counts it, and the values that it read."""
        for escape in log.escapes:
            record = problem_record(0, escape.path, escape.operation, escape.problem)
            self.add(side, stage, [record])
        self.reads += log.reads

    def add(self, side: Side, stage: Stage, records: Iterable[WorkRecord]) -> None:
        """Add the records of one stage."""
        for record in records:
            part = self.parts.setdefault(
                (side, stage, record.path, record.op), WorkPart(record.geometry)
            )
            share, whole = record.share
            for kind, n in record.work.items():
                part.work[kind] += n * share // whole
            part.runs += record.runs
            part.stored_ids.update(dict.fromkeys(record.stored_ids))
            part.problem = part.problem or record.problem


def is_steady(runs: Sequence[TracedRun]) -> bool:
    """Return whether everything grows in proportion to the length."""
    return all(_on_line(parts, runs) for _, parts in _by_key(runs))


def _by_key(runs: Sequence[TracedRun]) -> Iterable[tuple[Key, list[WorkPart]]]:
    """Yield each part at all lengths, empty at those where it did not happen."""
    keys = dict.fromkeys(key for run in runs for key in run.parts)
    for key in keys:
        first = next(run.parts[key] for run in runs if key in run.parts)
        yield key, [run.parts.get(key, WorkPart(first.geometry)) for run in runs]


def _on_line(parts: Sequence[WorkPart], runs: Sequence[TracedRun]) -> bool:
    """Return whether the longest run lies on the line through the other two."""
    kinds = {kind for part in parts for kind in part.work}
    return all(_increase(parts, runs, kind)[2] for kind in kinds)


def _increase(
    parts: Sequence[WorkPart], runs: Sequence[TracedRun], kind: str
) -> tuple[int, int, bool]:
    """Return the cost of the difference of two lengths, its hops, and whether the third agrees."""
    short, middle, long = (part.work[kind] for part in parts)
    first, second = runs[1].hops - runs[0].hops, runs[2].hops - runs[1].hops
    on_line = (middle - short) * second == (long - middle) * first
    return middle - short, first, on_line


def rows_of(runs: Sequence[TracedRun], unbounded: str) -> tuple[Row, ...]:
    """Return one row for each module and kind of operation that a stream runs."""
    rows: list[tuple[Key, Row]] = []
    taken: set[tuple[Side, int]] = set()
    for key, parts in _by_key(runs):
        work, runs_per_hop, problem = _per_hop(parts, runs, unbounded)
        if not work and not problem:
            continue
        side, stage, path, op = key
        stored_ids = dict.fromkeys(stored_id for part in parts[:1] for stored_id in part.stored_ids)
        mine = [stored_id for stored_id in stored_ids if (side, stored_id) not in taken]
        shared = [stored_id for stored_id in mine if (_OTHER_SIDE.get(side), stored_id) in taken]
        taken.update((side, stored_id) for stored_id in mine)
        row = Row(
            name=path,
            side=side,
            stage=stage,
            op=op,
            geometry=parts[-1].geometry,
            runs_per_frame=runs_per_hop,
            work=work,
            stored_values=sum(runs[0].stored[stored_id].values for stored_id in mine),
            shared_values=sum(runs[0].stored[stored_id].values for stored_id in shared),
            storage="codebook" if op in CODEBOOK_OPS else "weights",
            past_samples=None if op in RECURRENT_OPS else 0,
            problem=problem,
        )
        rows.append((key, row))
    return _named(rows)


def _per_hop(
    parts: Sequence[WorkPart], runs: Sequence[TracedRun], unbounded: str
) -> tuple[dict[str, int], int, str]:
    """Return work and runs per hop, or the reason why there are none."""
    problem = next((part.problem for part in parts if part.problem), "")
    if problem:
        return {}, 0, problem
    if not _on_line(parts, runs):
        return {}, 0, unbounded
    kinds = dict.fromkeys(kind for part in parts for kind in part.work)
    work: dict[str, int] = {}
    for kind in kinds:
        cost, hops, _ = _increase(parts, runs, kind)
        if cost % hops:
            period = hops // gcd(cost, hops)
            return {}, 0, f"repeats every {period} hops: the hop should be {period} times as long"
        if cost:
            work[kind] = cost // hops
    steps = parts[1].runs - parts[0].runs
    return work, steps // (runs[1].hops - runs[0].hops), ""


def _named(rows: Sequence[tuple[Key, Row]]) -> tuple[Row, ...]:
    """Name each row by the path of its module, with a suffix where that has several rows.

    The only row of a module that multiplies and accumulates keeps the bare path.
    """
    at_path: dict[tuple[Side, str], list[Row]] = {}
    for _, row in rows:
        at_path.setdefault((row.side, row.name), []).append(row)
    used: set[tuple[Side, str]] = set()
    named = []
    for _, row in rows:
        beside = at_path[row.side, row.name]
        heavy = [other for other in beside if _has_macs(other)]
        bare = len(beside) == 1 or heavy == [row]
        named.append(_unique(row, row.name if bare else f"{row.name}.{row.op}", used))
    return tuple(named)


def _has_macs(row: Row) -> bool:
    return any(kind in MAC_KINDS for kind in row.work)


def _unique(row: Row, name: str, used: set[tuple[Side, str]]) -> Row:
    tried, number = name, 2
    while (row.side, tried) in used:
        tried, number = f"{name}#{number}", number + 1
    used.add((row.side, tried))
    return row._replace(name=tried)
