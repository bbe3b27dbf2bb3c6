"""The latency probe: change the future of a random input, and see how early the output moves.

The change is large, and outputs are compared exactly. The two sides are probed apart, since nothing
is seen through a hard decision that does not flip; so is the quantizer, from latent to latent.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn.utils import parametrize

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import one_thread, tensors_restored
from lrac_audit.witness.latency.look_ahead import ProbedSide, probe_side
from lrac_audit.witness.latency.measured_latency import MeasuredLatency, SideLatency
from lrac_audit.witness.latency.past_context import past_context
from lrac_audit.witness.latency.sides import Sides, sides_of
from lrac_audit.witness.target import AuditTarget, TargetMode


class Attempt(NamedTuple):
    """A precision in which the target does not run, and the error."""

    dtype: torch.dtype
    error: Exception

    def __str__(self) -> str:
        name = str(self.dtype).removeprefix("torch.")
        return f"it does not run in {name} ({type(self.error).__name__}: {shown(str(self.error))})"


def measure(
    target: AuditTarget,
    mode: TargetMode | None = None,
    *,
    with_past: bool = True,
    progress: Progress | None = None,
) -> MeasuredLatency:
    """Measure how far ``target`` looks ahead; with ``mode``, its quantizer included.

    The past context needs clips as long as itself, and is left out without ``with_past``. Every
    tensor and the training mode of the target are afterwards as they were.

    Raises:
        InputError: the target runs neither in float64 nor in float32, or its output has no rate.
    """
    say = progress or tell_nobody
    refused: list[Attempt] = []
    for dtype in (torch.float64, torch.float32):
        with one_thread(), tensors_restored(target.root), parametrize.cached():
            try:
                target.root.to(dtype)
                sides = sides_of(target, mode, dtype)
            except Exception as error:
                refused.append(Attempt(dtype, error))
                continue
            remarks = [f"{attempt}; measured in float32" for attempt in refused]
            return _measured(target, sides, remarks, with_past, say)
    problems = [
        Problem("", str(attempt), "a codec that runs on random clips") for attempt in refused
    ]
    raise InputError(target.name, problems) from refused[-1].error


def _measured(
    target: AuditTarget, sides: Sides, problems: list[str], with_past: bool, say: Progress
) -> MeasuredLatency:
    root = target.root
    say("probing the transmit side")
    transmit = probe_side(root, sides.transmit)
    parts = [transmit]
    if sides.quantizer is not None:
        say("probing the quantizer")
        quantizer = probe_side(root, sides.quantizer)
        parts.append(quantizer)
        transmit = _joined(transmit, quantizer)
    receive = None
    if sides.receive is not None:
        say("probing the receive side")
        receive = probe_side(root, sides.receive)
        parts.append(receive)
    past_samples = None
    if receive is not None and with_past:
        say("probing the past of the encoder")
        past_samples = _past(sides, parts[0])
    return MeasuredLatency(
        hop_samples=target.hop_samples,
        transmit=transmit.latency,
        receive=None if receive is None else receive.latency,
        past_samples=past_samples,
        problems=tuple(
            dict.fromkeys([*problems, *(p for part in parts for p in part.plan.problems)])
        ),
        confirmed=all(part.confirmed for part in parts),
    )


def _past(sides: Sides, found: ProbedSide) -> int | None:
    look_ahead = found.latency.look_ahead_samples
    if found.receptive_field_samples is None or look_ahead is None:
        return None
    return past_context(sides.transmit, found.receptive_field_samples, look_ahead)


def _joined(first: ProbedSide, second: ProbedSide) -> ProbedSide:
    """Combine two parts of a side that follow each other."""
    a, b = first.latency, second.latency
    known = a.look_ahead_samples is not None and b.look_ahead_samples is not None
    latency = SideLatency(
        (a.look_ahead_samples or 0) + (b.look_ahead_samples or 0) if known else None,
        (*a.attribution, *b.attribution) if known else (),
        (*a.whole_clip, *b.whole_clip),
    )
    return first._replace(latency=latency)
