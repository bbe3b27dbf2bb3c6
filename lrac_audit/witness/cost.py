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

CLIP_SECONDS = (1, 2, 3, 4, 5, 10)
"""Lengths of the clips that are counted, beside a single frame."""


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
    hop = Fraction(target.hop_samples, target.sample_rate_hz)
    lengths = [(f"one frame of {target.hop_samples} samples", hop)]
    lengths += [(f"a clip of {seconds} s", Fraction(seconds)) for seconds in CLIP_SECONDS]
    with running_model(source), tensors_restored(target):
        found = [_clip(target, mode, length, progress or tell_nobody) for length in lengths]
    return tuple(clip for clip in found if clip is not None)


def _clip(
    target: AuditTarget, mode: TargetMode | None, length: tuple[str, Fraction], tell: Progress
) -> ClipCost | None:
    """Return the cost of a clip; None where the codec does not run at its length."""
    name, seconds = length
    tell(f"counting {name}")
    try:
        run = trace_clip(target, mode, ceil(seconds * target.sample_rate_hz / target.hop_samples))
    except Exception:  # whatever a third party's module raises
        return None
    return ClipCost(name, seconds, _sides(target, _clip_rows(run)))


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
