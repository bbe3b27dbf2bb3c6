"""Trace a target at several lengths, and make rows of what grows with the length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from math import lcm
from typing import Any, NamedTuple

import torch

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Row
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import all_operators_dispatched, attributes_restored
from lrac_audit.witness.target import (
    AuditTarget,
    TargetMode,
    random_audio,
    signal_stages,
)
from lrac_audit.witness.trace.clip_runs import Axis, ClipRuns, find_axis
from lrac_audit.witness.trace.module_tracking import (
    RunningModules,
    StoredTensor,
    stored_tensors,
    track_modules,
)
from lrac_audit.witness.trace.operator_counter import OperatorCounter
from lrac_audit.witness.trace.settling import Settling
from lrac_audit.witness.trace.steady_state import macs_by_operator, rows_of, steady_parts
from lrac_audit.witness.trace.traced_run import Origin, TracedRun


class Reach(NamedTuple):
    """How far a trace may go."""

    on_meta: bool
    longest_hops: int
    records: int
    """How many operations may be recorded, those of all clips together."""


WITHOUT_VALUES = Reach(on_meta=True, longest_hops=8192, records=600_000)
WITH_VALUES = Reach(on_meta=False, longest_hops=400, records=300_000)


class Trace(NamedTuple):
    """The work of a target in the steady state of a stream, per hop."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    """Sentences on what the figures do not show, and on unusual ways in which they were
    measured."""
    period_hops: int
    """Hops after which the codec repeats the same work."""
    macs_by_operator: Mapping[Origin, int]
    """Multiply-accumulates per hop by stage and operator of torch."""
    unmasked_clips: Mapping[int, Mapping[Origin, int]]
    """The same of whole clips by their lengths in hops, without masks: for all pairs of frames."""


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
    for reach in (WITHOUT_VALUES, WITH_VALUES):
        with _model_watched(target, reach.on_meta) as model:
            runs = _clip_runs(target, mode, model, reach, tell)
            axis = find_axis(runs, target.sample_rate_hz / target.hop_samples)
            failures += runs.failures[:1]
            if axis is not None:
                return _trace_of(
                    target, runs, axis, model.stored, None if reach.on_meta else failures[0]
                )
    problem = Problem("the codec", _first_line(failures[-1]), "a model that runs")
    raise InputError(target.name, [problem]) from failures[-1]


class WatchedModel(NamedTuple):
    """The model of a target while its modules report when they run."""

    paths: RunningModules
    stored: dict[int, StoredTensor]


@contextmanager
def _model_watched(target: AuditTarget, on_meta: bool) -> Iterator[WatchedModel]:
    """Watch the model of a target for a while, without the values of its tensors if ``on_meta``."""
    with all_operators_dispatched(), attributes_restored(target.root):
        stored = stored_tensors(target.root, on_meta)
        yield WatchedModel(track_modules(target.root), stored)


def _clip_runs(
    target: AuditTarget, mode: TargetMode | None, model: WatchedModel, reach: Reach, tell: Progress
) -> ClipRuns:
    """Return the runs of a target, none of which has been made yet."""

    def run(hops: int) -> TracedRun:
        tell(f"counting the operations of {hops} hops")
        return _run(target, mode, hops, reach.on_meta, model)

    return ClipRuns(run, reach.longest_hops, reach.records)


def _trace_of(
    target: AuditTarget,
    runs: ClipRuns,
    axis: Axis,
    stored: Mapping[int, StoredTensor],
    meta_failure: Exception | None,
) -> Trace:
    """Return what the runs on ``axis`` show, and those that they lead to."""
    settling = Settling(runs, axis, target.sample_rate_hz / target.hop_samples)
    parts = steady_parts(settling)
    problems = []
    if meta_failure is not None:
        problems.append(f"counted on real values, since without: {_first_line(meta_failure)}")
    done = [run for run in runs.done.values() if run is not None]
    rows = rows_of(parts, stored)
    period = lcm(*(part.period_hops for part in parts))
    by_operator = macs_by_operator(parts)
    clips = {run.hops: run.unmasked_macs for run in done}
    return Trace(rows, (*problems, *_remarks(done)), period, by_operator, clips)


def _remarks(runs: list[TracedRun]) -> list[str]:
    """Return sentences on what the figures do not show."""
    random = sorted({path for run in runs for path in run.random})
    return [f"{path} draws random numbers: its output changes from run to run" for path in random]


def _first_line(error: Exception) -> str:
    text = str(error).strip() or "no message"
    return f"{type(error).__name__}: {text.splitlines()[0][:200]}"


def _run(
    target: AuditTarget, mode: TargetMode | None, hops: int, on_meta: bool, model: WatchedModel
) -> TracedRun:
    """Trace the codec on ``hops`` hops of audio."""
    run = TracedRun(hops)
    stored = {key: tensor.with_own_values() for key, tensor in model.stored.items()}
    with attributes_restored(target.root), torch.device("meta") if on_meta else nullcontext():
        value: Any = random_audio(target, hops, on_meta)
        for side, stage, step in signal_stages(target, mode):
            finds_search = stage == "rvq" or target.receive is None
            counter = OperatorCounter(model.paths, stored, finds_search, elsewhere=stage)
            counter.signal(value)
            with counter:
                value = step(value)
            run.add(side, stage, counter.records)
            run.random |= counter.random
    return run
