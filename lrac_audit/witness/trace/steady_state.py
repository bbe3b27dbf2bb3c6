"""Derive rows from the clips that show the steady state: the cost of one more hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lrac_audit.ledger.row import MAC_KINDS, Kind, Row, Side
from lrac_audit.witness.trace.module_tracking import StoredTensor
from lrac_audit.witness.trace.settling import Settling
from lrac_audit.witness.trace.traced_run import Key, Origin, TracedRun, WorkPart

CODEBOOK_OPS = ("search", "lookup")
RECURRENT_OPS = ("lstm", "gru", "rnn")
_OTHER_SIDE: Mapping[Side, Side] = {"transmit": "receive", "receive": "transmit"}


class SteadyPart(NamedTuple):
    """The work of one kind in one module in two clips, whose difference is that of a stream."""

    key: Key
    short: WorkPart
    long: WorkPart
    hops: int
    """Hops from the one to the other."""
    period_hops: int
    problem: str = ""
    """Why there are no such clips."""


def steady_parts(settling: Settling) -> list[SteadyPart]:
    """Return every part of a codec that happens in any clip."""
    found: dict[Key, SteadyPart] = {}
    pending = settling.part_keys()
    while pending:
        found.update((key, _steady_part(settling, key)) for key in pending)
        pending = [key for key in settling.part_keys() if key not in found]
    return list(found.values())


def _steady_part(settling: Settling, key: Key) -> SteadyPart:
    any_part = settling.any_part(key)
    if any_part.problem:
        return SteadyPart(key, any_part, any_part, 0, 1, any_part.problem)
    span = settling.span(key)
    if isinstance(span, str):
        return SteadyPart(key, any_part, any_part, 0, 1, span)
    short, long = (settling.part(key, step) for step in (span.short, span.long))
    unit = settling.axis.unit
    return SteadyPart(key, short, long, (span.long - span.short) * unit, span.period * unit)


def parts_with_problems(run: TracedRun) -> list[SteadyPart]:
    """Return the parts of a run that holds nothing but problems."""
    return [SteadyPart(key, part, part, 0, 1, part.problem) for key, part in run.parts.items()]


def rows_of(parts: Iterable[SteadyPart], stored: Mapping[int, StoredTensor]) -> tuple[Row, ...]:
    """Return one row for each module and kind of operation that a stream runs."""
    rows: list[Row] = []
    taken: set[tuple[Side, int]] = set()
    for part in parts:
        work, problem = _per_hop(part)
        if not work and not problem:
            continue
        side, stage, path, op = part.key
        mine = [each for each in part.short.stored_ids if (side, each) not in taken]
        shared = [each for each in mine if (_OTHER_SIDE.get(side), each) in taken]
        taken.update((side, each) for each in mine)
        row = Row(
            name=path,
            side=side,
            stage=stage,
            op=op,
            geometry=part.long.geometry,
            runs_per_frame=0 if problem else (part.long.runs - part.short.runs) // part.hops,
            work=work,
            stored_values=sum(stored[each].values for each in mine),
            shared_values=sum(stored[each].values for each in shared),
            storage="codebook" if op in CODEBOOK_OPS else "weights",
            past_samples=None if op in RECURRENT_OPS else 0,
            problem=problem,
        )
        rows.append(row)
    return _named(rows)


def macs_by_operator(parts: Iterable[SteadyPart]) -> Counter[Origin]:
    """Return the multiply-accumulates per hop by stage and operator of torch, rounded down."""
    found: Counter[Origin] = Counter()
    for part in parts:
        if not _per_hop(part)[1]:
            side, stage, _, _ = part.key
            for operator, macs in part.long.macs_by_operator.items():
                more = macs - part.short.macs_by_operator[operator]
                found[side, stage, operator] += more // part.hops
    return found


def _per_hop(part: SteadyPart) -> tuple[dict[str, int], str]:
    """Return the work per hop, or the reason why it is not known."""
    if part.problem:
        return {}, part.problem
    work: dict[str, int] = {}
    for kind in dict.fromkeys([*part.short.work, *part.long.work]):
        cost = part.long.work[kind] - part.short.work[kind]
        if kind == Kind.LOOKUP:  # free in every convention, so that a part of one does not matter
            cost = -(-cost // part.hops) * part.hops
        if cost % part.hops:
            period = part.period_hops
            return {}, f"repeats every {period} hops: the hop should be {period} times as long"
        if cost:
            work[kind] = cost // part.hops
    return work, ""


def _named(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Name each row by the path of its module, with a suffix where that has several rows.

    The only row of a module that multiplies and accumulates keeps the bare path.
    """
    at_path: dict[tuple[Side, str], list[Row]] = {}
    for row in rows:
        at_path.setdefault((row.side, row.name), []).append(row)
    used: set[tuple[Side, str]] = set()
    named = []
    for row in rows:
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
