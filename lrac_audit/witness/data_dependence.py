"""Measure a codec whose cost depends on the audio, on several signals, and keep the dearest.

Rows are compared one by one, and the dearest of each is kept. Rows that never happen together,
where every signal has one of them, are branches that exclude one another: those of the dearest
signal are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from lrac_audit.errors import InputError
from lrac_audit.ledger.data_dependence import DataDependence
from lrac_audit.ledger.row import Row, Side
from lrac_audit.progress import Progress
from lrac_audit.witness import trace
from lrac_audit.witness.latency import MeasuredLatency
from lrac_audit.witness.signals import SIGNALS, VARYING, Signal
from lrac_audit.witness.target import AuditTarget, TargetMode

Key = tuple[Side, str, str]
"""Side, name and operation of a row."""
Rows = Mapping[Key, Row]


class DearestTrace(NamedTuple):
    """The work of a codec on the signals that cost most, and how it was found."""

    trace: trace.Trace
    targets: tuple[AuditTarget, ...]
    """The codec on each signal that it was measured on, the dearest first."""
    dependence: DataDependence | None
    """None where nothing that is read of the signal can steer what runs."""
    is_one_signal: bool
    """Whether one signal alone costs as much as the rows say."""


def dearest_trace(
    target: AuditTarget, mode: TargetMode | None, progress: Progress | None = None
) -> DearestTrace:
    """Count what ``target`` does in ``mode``, on several signals where it reads values of them.

    Raises:
        InputError: the target could not be run.
    """
    first = trace.measure(target, mode, progress=progress)
    places = _places(first)
    if not places:
        return DearestTrace(first, (target,), None, True)
    traces, failures = _on_all_signals(target, mode, progress)
    traces = traces or {"noise": first}
    rows = {name: {_key(row): row for row in found.rows} for name, found in traces.items()}
    dearest = max(rows, key=lambda name: _cost(rows[name].values()))
    merged = tuple(_merged(rows, dearest).values())
    order = [dearest, *(name for name in traces if name != dearest)]
    problems = dict.fromkeys(
        [
            *failures,
            *_unrated(rows),
            *(problem for name in order for problem in traces[name].problems),
        ]
    )
    reads = dict.fromkeys(read for name in order for read in traces[name].reads)
    costs = {name: _cost(found.values()) for name, found in rows.items()}
    dependence = DataDependence(
        tuple(dict.fromkeys([*places, *(p for each in traces.values() for p in _places(each))])),
        {name: macs for name, (macs, _) in costs.items()},
        dearest,
    )
    return DearestTrace(
        traces[dearest]._replace(rows=merged, problems=tuple(problems), reads=tuple(reads)),
        tuple(_with_signal(target, SIGNALS.get(name)) for name in order),
        dependence,
        _cost(merged) == costs[dearest],
    )


def _places(found: trace.Trace) -> list[str]:
    """Return the places at which the codec reads values of the signal."""
    return [f"{read.operation} at {read.place}" for read in found.reads if read.depends_on_signal]


def _on_all_signals(
    target: AuditTarget, mode: TargetMode | None, progress: Progress | None
) -> tuple[dict[str, trace.Trace], list[str]]:
    """Return the trace on each signal, and sentences on those on which the codec does not run."""
    found, failures = {}, []
    for name, signal in SIGNALS.items():
        try:
            on_signal = _with_signal(target, signal)
            found[name] = trace.measure(on_signal, mode, progress=progress)
        except InputError as error:
            failures.append(f"it does not run on {name}: {error.problems[0].given}")
    return found, failures


def _with_signal(target: AuditTarget, signal: Signal | None) -> AuditTarget:
    narrow = None if target.narrow is None else replace(target.narrow, signal=signal)
    return replace(target, signal=signal, narrow=narrow)


def _key(row: Row) -> Key:
    return row.side, row.name, row.op


def _cost(rows: Iterable[Row]) -> tuple[int, int]:
    """Return multiply-accumulates, and all work to decide between equals."""
    known = list(rows)
    return sum(row.macs_per_frame for row in known), sum(sum(r.work.values()) for r in known)


def _merged(rows: Mapping[str, Rows], dearest: str) -> Rows:
    """Return the rows of the dearest signal, and those of others that can happen beside them."""
    merged: dict[Key, Row] = {}
    for key in dict.fromkeys(key for name in (dearest, *rows) for key in rows[name]):
        if key in rows[dearest] or not _is_excluded(key, rows, rows[dearest]):
            merged[key] = _dearest_row({n: each[key] for n, each in rows.items() if key in each})
    return merged


def _dearest_row(rows: Mapping[str, Row]) -> Row:
    """Return the row that costs most, one whose cost is not known before all others.

    On a signal that varies on the way, what the signal steers has no rate: it counts for a row only
    where no other signal shows the row.
    """
    rated = [row for name, row in rows.items() if not (row.problem and name in VARYING)]
    return max(rated or rows.values(), key=lambda row: (bool(row.problem), *_cost([row])))


def _unrated(rows: Mapping[str, Rows]) -> Iterator[str]:
    """Yield a sentence for each varying signal on which a row has no rate, and others have one."""
    for name in VARYING:
        paths = {row.name for row in rows.get(name, {}).values() if row.problem}
        if paths:
            yield f"on {name}, what the signal steers has no rate: {', '.join(sorted(paths))}"


def _is_excluded(key: Key, rows: Mapping[str, Rows], dearest: Rows) -> bool:
    """Return whether a row belongs to a branch that is taken instead of one of the dearest."""
    everything = {other for each in rows.values() for other in each}
    beside = {other for each in rows.values() if key in each for other in each}
    rivals = everything - beside
    always_one = all(key in each or rivals & each.keys() for each in rows.values())
    return always_one and bool(rivals & dearest.keys())


def longest_delay(delays: Iterable[MeasuredLatency]) -> MeasuredLatency:
    """Return the longest delay of one codec on several signals; one without bound is longest."""
    return max(delays, key=lambda delay: (delay.total_samples is None, delay.total_samples or 0))
