"""Trace a target at several lengths, and make rows of what grows with the length."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, NamedTuple

import torch

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Row
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.escapes.arrivals import Arrivals
from lrac_audit.witness.escapes.function_watch import FunctionWatch
from lrac_audit.witness.escapes.process_watch import starts_watched
from lrac_audit.witness.escapes.reads import Read
from lrac_audit.witness.isolation import all_operators_dispatched, attributes_restored
from lrac_audit.witness.target import (
    LENGTHS_IN_HOPS,
    AuditTarget,
    TargetMode,
    random_audio,
    signal_stages,
)
from lrac_audit.witness.trace.module_tracking import stored_tensors, track_modules
from lrac_audit.witness.trace.operator_counter import OperatorCounter
from lrac_audit.witness.trace.steady_state import TracedRun, is_steady, rows_of
from lrac_audit.witness.trace.value_check import mark_differences

UNBOUNDED = (
    "cost grows with the length of the clip (such as attention over the whole clip): "
    "not bounded per second"
)

CHECKED_HOPS = (1, 2, 4, 8, 16, 64)
"""Lengths to try in turn for a run with and one without values, to be compared."""


class Trace(NamedTuple):
    """The work of a target in the steady state of a stream, per hop."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    """Sentences on what the figures do not show, and on unusual ways in which they were
    measured."""
    reads: tuple[Read, ...] = ()
    """The places at which the codec reads values of tensors, and whether the signal is in them."""


def measure(
    target: AuditTarget, mode: TargetMode | None, *, progress: Progress | None = None
) -> Trace:
    """Count what ``target`` does in ``mode``, without computing values where its modules allow it.

    Args:
        target: the codec.
        mode: one of its modes; None for a codec without a quantizer.
        progress: called with a description of each step.

    Raises:
        InputError: the target could not be run at any length.
    """
    tell = progress or tell_nobody
    failures: list[Exception] = []
    arrivals = Arrivals()
    for on_meta in (True, False):
        found = _longest_tried(target, mode, on_meta, tell, failures, arrivals)
        if found:
            problems = (
                _checked_on_values(found[0], target, mode, tell, arrivals)
                if on_meta
                else [f"counted on real values, since without: {_first_line(failures[0])}"]
            )
            reads = dict.fromkeys(read for run in found for read in run.reads)
            return Trace(
                rows_of(found, UNBOUNDED), (*problems, *_remarks(found)), reads=tuple(reads)
            )
    problem = Problem("the codec", _first_line(failures[-1]), "a model that runs")
    raise InputError(target.name, [problem]) from failures[-1]


def _longest_tried(
    target: AuditTarget,
    mode: TargetMode | None,
    on_meta: bool,
    tell: Progress,
    failures: list[Exception],
    arrivals: Arrivals,
) -> list[TracedRun]:
    """Return the runs of the first three lengths on a line, else of the last that ran, if any."""
    found: list[TracedRun] = []
    for lengths in LENGTHS_IN_HOPS:
        try:
            found = [_run(target, mode, hops, on_meta, tell, arrivals) for hops in lengths]
        except Exception as error:  # whatever a third party's module raises
            failures.append(error)
            continue
        if is_steady(found):
            break
    return found


def _checked_on_values(
    found: TracedRun,
    target: AuditTarget,
    mode: TargetMode | None,
    tell: Progress,
    arrivals: Arrivals,
) -> list[str]:
    """Mark in ``found`` where real values change the work; return a remark if none can be used."""
    failure: Exception | None = None
    for hops in CHECKED_HOPS:
        try:
            runs = [_run(target, mode, hops, on_meta, tell, arrivals) for on_meta in (True, False)]
        except Exception as error:  # whatever a third party's module raises
            failure = failure or error
            continue
        mark_differences(found, *runs)
        return []
    return [] if failure is None else [f"not counted on real values: {_first_line(failure)}"]


def trace_clip(target: AuditTarget, mode: TargetMode | None, hops: int) -> TracedRun:
    """Count what ``target`` does on one clip of ``hops`` hops, start and end included.

    Raises:
        Exception: the codec does not run at that length, whatever it raises.
    """
    try:
        return _run(target, mode, hops, True, tell_nobody, Arrivals())
    except Exception:  # whatever a third party's module raises without values
        return _run(target, mode, hops, False, tell_nobody, Arrivals())


def _remarks(runs: list[TracedRun]) -> list[str]:
    """Return sentences on what the figures do not show."""
    random = sorted({path for run in runs for path in run.random})
    return [f"{path} draws random numbers: its output changes from run to run" for path in random]


def _first_line(error: Exception) -> str:
    text = str(error).strip() or "no message"
    return f"{type(error).__name__}: {text.splitlines()[0][:200]}"


def _run(
    target: AuditTarget,
    mode: TargetMode | None,
    hops: int,
    on_meta: bool,
    tell: Progress,
    arrivals: Arrivals,
) -> TracedRun:
    """Trace the codec on ``hops`` hops of audio."""
    tell(f"counting the operations of {hops} hops")
    run = TracedRun(hops)
    with ExitStack() as stack:
        stack.enter_context(all_operators_dispatched())
        stack.enter_context(attributes_restored(target))
        run.stored = stored_tensors(target.root, on_meta)
        paths = track_modules(target.root)
        value: Any = random_audio(target, hops, on_meta)
        if on_meta:
            stack.enter_context(torch.device("meta"))
        for side, stage, step in signal_stages(target, mode):
            counter = OperatorCounter(paths, run.stored, stage == "rvq", stage, arrivals)
            counter.signal(value)
            with starts_watched(counter.escapes.started), counter, FunctionWatch(counter):
                value = step(value)
            counter.check_result(value)
            run.add(side, stage, counter.records)
            run.add_escapes(side, stage, counter.escapes)
            run.random |= counter.random
    arrivals.finish_run()
    return run
