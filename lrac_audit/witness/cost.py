"""Measure one thing about a codec: its cost in a stream, or on clips, or its delay.

Published figures are often those of one clip, in which padding and start-up effects count.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import NamedTuple

from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness import latency
from lrac_audit.witness.data_dependence import dearest_trace
from lrac_audit.witness.isolation import running_model, tensors_restored
from lrac_audit.witness.measured_codec import find_mode, not_measured
from lrac_audit.witness.measured_ledger import build_ledger
from lrac_audit.witness.target import AuditTarget, TargetMode
from lrac_audit.witness.trace.operator_trace import trace_clip
from lrac_audit.witness.trace.traced_run import TracedRun

CLIP_MILLISECONDS = (20, 40, 60, 80)
"""Lengths of packets that are counted, where they are whole frames, beside a single frame."""
CLIP_SECONDS = (1, 2, 3, 4, 5, 10)
"""Lengths of the clips that are counted."""


class ClipCost(NamedTuple):
    """The work of a codec on one clip, from its first sample to its last."""

    name: str
    seconds: Fraction
    """Duration that the work stands for; the clip itself is padded to whole frames."""
    rows: tuple[Row, ...]
    """Work of the whole clip, not of a frame."""


class CodecCost(NamedTuple):
    """The cost of a codec in one mode, in the steady state of a stream."""

    ledger: Ledger
    """Delays are not measured."""
    remarks: tuple[str, ...]


def count_cost(
    target: AuditTarget,
    source: str,
    bitrate_kbps: float | None = None,
    progress: Progress | None = None,
) -> CodecCost:
    """Count what ``target`` costs in the mode of ``bitrate_kbps``, by default the dearest.

    Raises:
        InputError: it has no such mode, or cannot be run.
    """
    mode = find_mode(target, bitrate_kbps)
    with running_model(source), tensors_restored(target):
        found = dearest_trace(target, mode, progress)
    rows, delay = found.trace.rows, not_measured(target)
    ledger = build_ledger(target, mode, rows, delay, None, found.dependence)
    return CodecCost(ledger, (*target.notes, *found.trace.problems))


def measure_delay(
    target: AuditTarget, source: str, progress: Progress | None = None
) -> latency.MeasuredLatency:
    """Measure how late ``target`` is, without its cost.

    Raises:
        InputError: it cannot be run.
    """
    with running_model(source), tensors_restored(target):
        return latency.measure(target, find_mode(target, None), progress=progress)


def count_clips(
    target: AuditTarget,
    source: str,
    bitrate_kbps: float | None = None,
    progress: Progress | None = None,
) -> tuple[ClipCost, ...]:
    """Count what ``target`` does on one frame and on short clips.

    A length that the codec does not run at is left out.

    Raises:
        InputError: it has no such mode.
    """
    mode = find_mode(target, bitrate_kbps)
    rows: dict[int, tuple[Row, ...] | None] = {}
    clips = []
    with running_model(source), tensors_restored(target):
        for name, seconds in _lengths(target):
            hops = ceil(seconds * target.sample_rate_hz / target.hop_samples)
            if hops not in rows:
                (progress or tell_nobody)(f"counting {name}")
                rows[hops] = _rows_of_clip(target, mode, hops)
            counted = rows[hops]
            if counted is not None:
                clips.append(ClipCost(name, seconds, counted))
    return tuple(clips)


def _lengths(target: AuditTarget) -> list[tuple[str, Fraction]]:
    """Return the names and durations of the clips to count."""
    hop = Fraction(target.hop_samples, target.sample_rate_hz)
    packets = [Fraction(n, 1000) for n in CLIP_MILLISECONDS]
    return [
        (f"one frame of {target.hop_samples} samples", hop),
        *((f"a clip of {n * 1000} ms", n) for n in packets if (n / hop).denominator == 1),
        *((f"a clip of {n} s", Fraction(n)) for n in CLIP_SECONDS),
    ]


def _rows_of_clip(
    target: AuditTarget, mode: TargetMode | None, hops: int
) -> tuple[Row, ...] | None:
    """Return the work on a clip; None where the codec does not run at its length."""
    try:
        return _sides(target, _clip_rows(trace_clip(target, mode, hops)))
    except Exception:  # whatever a third party's module raises
        return None


def _clip_rows(run: TracedRun) -> list[Row]:
    return [
        Row(path, side, stage, op, part.geometry, part.runs, dict(part.work), problem=part.problem)
        for (side, stage, path, op), part in run.parts.items()
    ]


def _sides(target: AuditTarget, rows: list[Row]) -> tuple[Row, ...]:
    """Return ``rows`` on the one side that a codec has which is counted whole."""
    if target.receive is not None:
        return tuple(rows)
    return tuple(row._replace(side="undivided", stage="undivided") for row in rows)
