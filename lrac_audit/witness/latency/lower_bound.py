"""A lower bound of the delay: follow the critical path back, and show each stage's part of it.

From the critical output sample back to the audio, each stage is asked which steps of its input have
an effect on the step in question; of these, the one that needs the latest audio is followed. So a
hard decision in one stage hides nothing in the others, and what is found is a real dependency: the
bound may read too little, never too much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lrac_audit.witness.latency.critical_clip import CriticalClip
from lrac_audit.witness.latency.influence import (
    Changes,
    Run,
    changed_inputs,
    influencing_steps,
    seeded,
)
from lrac_audit.witness.latency.parting import SeenResults, losing_operation
from lrac_audit.witness.latency.sections import QUANTISE
from lrac_audit.witness.latency.timed_trace import along

MOST_SINGLE_CHANGES = 16
"""Input steps of an inner stage that are changed one by one where no gradient comes through."""


class LowerBound(NamedTuple):
    """The delay that was shown."""

    total_samples: int | None
    """None where no effect was seen in some stage."""
    parting: str
    """The stage in which less was seen than can be, nearest to the audio, and the operation in it
    that loses the effect where that is seen; empty where all was seen."""


class Link(NamedTuple):
    """A stage with real numbers at its input."""

    label: str
    run: Run
    input: Tensor
    input_latest: Tensor
    """For each step of the input, the latest audio sample that it can depend on."""
    output_latest: Tensor

    @property
    def takes_audio(self) -> bool:
        """Whether the input is the audio itself."""
        return torch.equal(self.input_latest, torch.arange(len(self.input_latest)))


def lower_bound(clip: CriticalClip) -> LowerBound:
    """Return a lower bound of the delay of the codec of ``clip``, in the precision it has."""
    step, parted = clip.output_step, ""
    for link in reversed(links_of(clip)):
        found = latest_effect(link, step)
        if found is None:
            return LowerBound(None, _parting(clip, link, step))
        if link.input_latest[found] < link.output_latest[step]:
            parted = _parting(clip, link, step)
        step = found
    return LowerBound(1 + step - clip.output_sample, parted)


def _parting(clip: CriticalClip, link: Link, output_step: int) -> str:
    """Name the stage of ``link``, and the operation in it that loses a change of its input."""
    sample = int(link.output_latest[output_step])
    inputs = link.input, next(changed_inputs(link.input, link.input_latest >= sample))
    seen = SeenResults(), SeenResults()
    for results, x in zip(seen, inputs, strict=True):
        with results.of(clip.section.root):
            seeded(link.run, x)
    lost = losing_operation(clip.trace, *seen, sample)
    if lost is None:
        return link.label
    return f"{link.label}, at {lost.operator} in {lost.module_path or 'the target itself'}"


def links_of(clip: CriticalClip) -> list[Link]:
    """Return encoder, quantizer and decoder with their inputs, or the whole codec.

    Stages with anything but one tensor between them are one link.
    """
    links: list[Link] = []
    x, latest, calls = clip.audio, torch.arange(clip.audio.shape[-1]), []
    stages = list(zip(clip.section.stages, clip.trace.stage_results, strict=True))
    for (label, call), results in stages:
        calls.append(call)
        is_last = label == stages[-1][0][0]
        if label == QUANTISE or (len(results) != 1 and not is_last):
            continue
        after = along(results[0].latest, -1)
        run = _chained(tuple(calls))
        links.append(Link(label, run, x, latest, after))
        if not is_last:
            x, latest, calls = seeded(run, x).detach().clone(), after, []
    return links


def _chained(calls: Sequence[Callable[[Any], Any]]) -> Run:
    def run(x: Tensor) -> Tensor:
        signal: Any = x
        for call in calls:
            signal = call(signal)
        y: Tensor = signal
        return y

    return run


def latest_effect(link: Link, output_step: int) -> int | None:
    """Return the input step that needs the latest audio of all that are seen to have an effect."""
    mask = influencing_steps(link.run, link.input, output_step)
    with_gradient = mask.nonzero().flatten().tolist()
    best: int | None = max(
        with_gradient, key=lambda step: int(link.input_latest[step]), default=None
    )
    upper = int(link.output_latest[output_step])
    if best is not None and link.input_latest[best] >= upper:
        return best
    changes = Changes(link.run, link.input, output_step)
    search = _changed_audio if link.takes_audio else _changed_latent
    found = search(link, changes, upper, best)
    return best if found is None else found


def _changed_audio(link: Link, changes: Changes, upper: int, best: int | None) -> int | None:
    """Return the last sample from which on a change of the audio is seen, at most ``upper``."""

    def moves(sample: int) -> bool:
        return changes.moved_by(link.input_latest >= sample)

    if moves(upper):
        return upper
    if best is not None or not moves(0):
        return None
    low, high = 0, upper
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if moves(middle) else (low, middle)
    return low


def _changed_latent(link: Link, changes: Changes, upper: int, best: int | None) -> int | None:
    """Return the latest of the steps whose change is seen, of those that need the latest audio."""
    latest = link.input_latest
    least = -1 if best is None else int(latest[best])
    open_steps = ((latest > least) & (latest <= upper)).nonzero().flatten().tolist()
    open_steps.sort(key=lambda step: -int(latest[step]))
    steps = torch.arange(len(latest))
    tried = open_steps[:MOST_SINGLE_CHANGES]
    return next((step for step in tried if changes.moved_by(steps == step)), None)
