"""Trace a target at several lengths, and make rows of what grows with the length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from math import lcm
from typing import Any, NamedTuple

import torch

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Row, Side, Stage
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.escapes.arrivals import Arrivals
from lrac_audit.witness.escapes.function_watch import FunctionWatch
from lrac_audit.witness.escapes.process_watch import starts_watched
from lrac_audit.witness.escapes.reads import Read
from lrac_audit.witness.isolation import (
    all_operators_dispatched,
    attributes_restored,
    restored,
    tensors_restored,
)
from lrac_audit.witness.model_state import ModelState
from lrac_audit.witness.packages import failure, noted
from lrac_audit.witness.target import (
    AuditTarget,
    TargetMode,
    random_audio,
    signal_stages,
)
from lrac_audit.witness.trace.clip_runs import (
    WITH_VALUES,
    WITHOUT_VALUES,
    Axis,
    ClipRuns,
    find_axis,
)
from lrac_audit.witness.trace.module_tracking import (
    RunningModules,
    StoredTensor,
    stored_tensors,
    track_modules,
)
from lrac_audit.witness.trace.operator_counter import OperatorCounter
from lrac_audit.witness.trace.recurrent_layers import RecurrentLayers
from lrac_audit.witness.trace.settling import Settling
from lrac_audit.witness.trace.steady_state import (
    SteadyPart,
    macs_by_operator,
    parts_with_problems,
    rows_of,
    steady_parts,
)
from lrac_audit.witness.trace.traced_run import Origin, TracedRun
from lrac_audit.witness.trace.value_check import differences

CHECKED_HOPS = (1, 2, 4, 8, 16, 64)
"""Lengths to try in turn for a run with and one without values, to be compared."""


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
    constant_clips: Mapping[int, Mapping[Origin, int]]
    """Multiply-accumulates of constants alone, which are paid once, by the length of the clip."""
    unmasked_clips: Mapping[int, Mapping[Origin, int]]
    """The same of whole clips by their lengths in hops, without masks: for all pairs of frames."""
    reads: tuple[Read, ...] = ()
    """The places at which the codec reads values of tensors, and whether the signal is in them."""

    @property
    def macs_by_stage(self) -> dict[tuple[Side, Stage], int]:
        """Multiply-accumulates per hop by stage."""
        sums: Counter[tuple[Side, Stage]] = Counter()
        for (side, stage, _), macs in self.macs_by_operator.items():
            sums[side, stage] += macs
        return dict(sums)


@dataclass(frozen=True)
class Tracer:
    """A target that is traced in one of its modes."""

    target: AuditTarget
    mode: TargetMode | None
    arrivals: Arrivals
    tell: Progress = tell_nobody

    def run(self, hops: int, model: WatchedModel) -> TracedRun:
        """Trace the codec on ``hops`` hops of audio, which may change the state of its model."""
        self.tell(f"counting the operations of {hops} hops")
        run = TracedRun(hops)
        stored = {key: tensor.with_own_values() for key, tensor in model.stored.items()}
        with _device(model.on_meta):
            value: Any = random_audio(self.target, hops, model.on_meta)
            counter: OperatorCounter | None = None
            for side, stage, step in signal_stages(self.target, self.mode):
                counter = OperatorCounter(
                    model.paths, stored, stage == "rvq", stage, self.arrivals, counter
                )
                counter.signal(value)
                with (
                    starts_watched(counter.escapes.started),
                    counter,
                    FunctionWatch(counter),
                    RecurrentLayers(counter),
                ):
                    value = step(value)
                counter.check_result(value)
                if self.target.transmit_quantises:
                    counter.hand_on_codes(value)
                run.add(side, stage, counter.records)
                run.add_constants(side, stage, counter.constant_macs)
                run.add_escapes(side, stage, counter.escapes)
                run.random |= counter.random
        self.arrivals.finish_run()
        return run

    def run_restored(self, model: WatchedModel, state: ModelState, hops: int) -> TracedRun:
        """Trace the codec on ``hops`` hops of audio, and put ``state`` back."""
        with restored(state):
            return self.run(hops, model)

    def run_once(self, hops: int, on_meta: bool) -> TracedRun:
        """Trace the codec on ``hops`` hops of audio, and nothing else on the same model."""
        with model_watched(self.target, on_meta) as model:
            return self.run(hops, model)


class WatchedModel(NamedTuple):
    """The model of a target while its modules report when they run."""

    paths: RunningModules
    stored: Mapping[int, StoredTensor]
    on_meta: bool
    """Whether its tensors have no values for that while."""


@contextmanager
def model_watched(target: AuditTarget, on_meta: bool) -> Iterator[WatchedModel]:
    """Watch the model of a target for a while, without the values of its tensors if ``on_meta``."""
    kept = attributes_restored(target) if on_meta else tensors_restored(target)
    with all_operators_dispatched(), kept:
        stored = stored_tensors(target.root, on_meta)
        paths = track_modules(target.root)
        yield WatchedModel(paths, stored, on_meta)


def _device(on_meta: bool) -> Any:
    return torch.device("meta") if on_meta else nullcontext()


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
    tracer = Tracer(target, mode, Arrivals(), progress or tell_nobody)
    failures: list[tuple[int, Exception]] = []
    for reach in (WITHOUT_VALUES, WITH_VALUES):
        with model_watched(target, reach.on_meta) as model:
            runs = ClipRuns(partial(tracer.run_restored, model, ModelState(target)), reach)
            axis = find_axis(runs, target.sample_rate_hz / target.hop_samples)
            failures += list(runs.failures.items())[:1]
            parts = [] if axis is None else _steady_parts(target, runs, axis)
        if axis is not None:
            if reach.on_meta:
                checked, problems = _checked_on_values(tracer, axis.hops(axis.start))
            else:
                why = f"counted on real values, since without: {noted(failures[0][1])}"
                checked, problems = TracedRun(0), [why]
            known = {part.key for part in parts if part.problem}
            parts += [part for part in parts_with_problems(checked) if part.key not in known]
            return _trace_of(runs, parts, model, problems, checked.reads)
    hops, failed = failures[-1] if failures else (0, None)
    raise _refusal(target, hops, failed) from failed


def _refusal(target: AuditTarget, hops: int, error: Exception | None) -> InputError:
    """Return why nothing could be traced: ``error`` is what the codec raised on ``hops`` hops."""
    if error is None:
        given = f"more than {WITH_VALUES.records:,} operations in its first clips"
        allowed = "a codec of fewer operations for each hop, such as layers in place of loops"
        return InputError(target.name, [Problem("counting its operations", given, allowed)])
    shape = [1, target.audio_channels, hops * target.hop_samples]
    next_step = f"correct it there until it runs on torch.randn({shape}) and on longer whole hops"
    problem = failure(
        f"running it on {hops} hops of {target.hop_samples} samples", error, next_step
    )
    return InputError(target.name, [problem])


def _steady_parts(target: AuditTarget, runs: ClipRuns, axis: Axis) -> list[SteadyPart]:
    return steady_parts(Settling(runs, axis, target.sample_rate_hz / target.hop_samples))


def _trace_of(
    runs: ClipRuns,
    parts: list[SteadyPart],
    model: WatchedModel,
    problems: list[str],
    more_reads: list[Read],
) -> Trace:
    """Return what the runs show."""
    done = runs.successful()
    reads = [read for run in done for read in run.reads]
    return Trace(
        rows_of(parts, model.stored),
        (*problems, *_remarks(done)),
        period_hops=lcm(*(part.period_hops for part in parts)),
        macs_by_operator=macs_by_operator(parts),
        unmasked_clips={run.hops: run.unmasked_macs for run in done},
        constant_clips={run.hops: run.constant_macs for run in done},
        reads=tuple(dict.fromkeys((*reads, *more_reads))),
    )


def _checked_on_values(tracer: Tracer, accepted_hops: int) -> tuple[TracedRun, list[str]]:
    """Return a run of what real values change, and a remark if none can be used.

    Raises:
        InputError: whatever runs without values fails on real ones, such as layers whose widths do
            not fit, which torch does not always notice without values.
    """
    failed: tuple[int, Exception] | None = None
    for hops in sorted({*CHECKED_HOPS, accepted_hops}):
        with suppress(Exception):  # whatever a third party's module raises
            without = tracer.run_once(hops, on_meta=True)
            try:
                return differences(without, tracer.run_once(hops, on_meta=False)), []
            except Exception as error:
                failed = hops, error
    if failed is None:
        return TracedRun(0), []
    if not _lacks_kernel(failed[1]):
        raise _refusal(tracer.target, *failed) from failed[1]
    return TracedRun(0), [f"not counted on real values: {noted(failed[1])}"]


def _lacks_kernel(error: Exception) -> bool:
    """Return whether torch has an operator for another device or type, but not for this one."""
    return isinstance(error, NotImplementedError) or "not implemented for" in str(error)


def trace_clip(target: AuditTarget, mode: TargetMode | None, hops: int) -> TracedRun:
    """Count what ``target`` does on one clip of ``hops`` hops, start and end included.

    Raises:
        Exception: the codec does not run at that length, whatever it raises.
    """
    try:
        return Tracer(target, mode, Arrivals()).run_once(hops, on_meta=True)
    except Exception:  # whatever a third party's module raises without values
        return Tracer(target, mode, Arrivals()).run_once(hops, on_meta=False)


def _remarks(runs: list[TracedRun]) -> list[str]:
    """Return sentences on what the figures do not show."""
    random = sorted({path for run in runs for path in run.random})
    return [f"{path} draws random numbers: its output changes from run to run" for path in random]
