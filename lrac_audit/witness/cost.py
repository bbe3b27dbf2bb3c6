"""Count what a codec costs, without its delay: in the steady state, and on clips of given lengths.

Published figures are often those of one clip, in which padding and start-up effects count.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import NamedTuple

from lrac_audit.ledger.row import Ledger, Mode, Row
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness import trace
from lrac_audit.witness.isolation import running_model
from lrac_audit.witness.measured_codec import find_mode
from lrac_audit.witness.target import AuditTarget, TargetMode
from lrac_audit.witness.trace.operator_trace import trace_clip
from lrac_audit.witness.trace.steady_state import TracedRun

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
    with running_model(source):
        traced = trace.measure(target, mode, progress=progress)
    return CodecCost(_ledger(target, mode, traced.rows), (*target.notes, *traced.problems))


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
    with running_model(source):
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


def _ledger(target: AuditTarget, mode: TargetMode | None, rows: tuple[Row, ...]) -> Ledger:
    """Return a ledger of costs alone."""
    return Ledger(
        name=target.name,
        sample_rate_hz=target.sample_rate_hz,
        hop_samples=target.hop_samples,
        mode=Mode(None, mode and mode.active_layers, mode and mode.bitrate_kbps),
        bitrates_kbps=tuple(each.bitrate_kbps for each in target.modes),
        rows=_sides(target, [row._replace(delay_samples=None) for row in rows]),
        measured=True,
    )
