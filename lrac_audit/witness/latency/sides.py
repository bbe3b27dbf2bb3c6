"""Split the delay of a codec into buffering and the look-ahead of its sides.

The critical path goes through one latent step, of the samples from P i to P (i + 1) - 1 where P is
the samples of a latent step. From the latest input back to the end of that step is the look-ahead
of the transmit side; from its start back to the output sample that of the receive side; the step
itself is buffered. The three add up to the total, whatever P is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from lrac_audit.witness.dependency.operations import Operation
from lrac_audit.witness.latency.attribution import (
    Link,
    attribute_look_ahead,
    receive_links,
    transmit_links,
    whole_links,
)
from lrac_audit.witness.latency.critical_path import Onsets, critical_path
from lrac_audit.witness.latency.measured_latency import SideLatency
from lrac_audit.witness.latency.sections import DECODER, decoder_section
from lrac_audit.witness.latency.timed_trace import TimedTrace, along, timed_trace
from lrac_audit.witness.latency.upper_bound import (
    CriticalStep,
    last_axis_period,
    middle_of,
    step_starts,
    upper_bound,
)
from lrac_audit.witness.latency.whole_clip import (
    centred_transforms,
    first_to_see_the_end,
    whole_clip_sentence,
)


class SplitDelay(NamedTuple):
    """Buffering and look-ahead by side."""

    buffering_samples: int
    transmit: SideLatency
    receive: SideLatency | None


def undivided(timed: TimedTrace, critical: CriticalStep) -> SplitDelay:
    """Return the delay of a codec without a known latent.

    It buffers the longest step on its critical path, at most a hop; a hop where all are equal.
    """
    onsets = Onsets(timed, critical.input_step)
    path = critical_path(onsets, timed.trace.output)
    periods = {int(timed.period(operation)) for operation in path}
    hop = timed.section.target.hop_samples
    buffering = min(hop, max(periods)) if len(periods) > 1 else hop
    look_ahead = critical.ahead_samples + 1 - buffering
    links = whole_links(onsets, path)
    return SplitDelay(buffering, _side(timed, links, look_ahead), None)


def divided(timed: TimedTrace, critical: CriticalStep) -> SplitDelay:
    """Return the delay of a codec whose latent is known."""
    onsets = Onsets(timed, critical.input_step)
    path = critical_path(onsets, timed.trace.output)
    at = max(i for i, operation in enumerate(path) if operation.stage != DECODER)
    before, after = path[: at + 1], path[at:]
    start, end = onsets.first_sample(path[at]), onsets.end_sample(path[at])
    return SplitDelay(
        end + 1 - start,
        _side(timed, transmit_links(onsets, before), critical.input_sample - end),
        _side(timed, receive_links(onsets, after), start - critical.output_sample),
    )


def _side(timed: TimedTrace, links: Sequence[Link], look_ahead: int) -> SideLatency:
    """Return a side with a number: its links, attributed to modules."""
    stages = {link.operation.stage for link in links[1:]}
    attribution = attribute_look_ahead(timed.section.root, links, look_ahead)
    return SideLatency(look_ahead, attribution, tuple(centred_transforms(timed, stages)))


def unbounded(timed: TimedTrace, latent: Operation | None) -> SplitDelay:
    """Return what is known of a codec whose output depends on the whole clip."""
    hop = timed.section.target.hop_samples
    cause = first_to_see_the_end(timed)
    whole = SideLatency(None, (), (whole_clip_sentence(timed, cause),))
    if latent is None:
        return SplitDelay(hop, whole, None)
    buffering = int(last_axis_period(timed, latent))
    if cause.stage == DECODER:
        return SplitDelay(buffering, _encoder_alone(timed, latent), whole)
    return SplitDelay(buffering, whole, _decoder_alone(timed, latent))


def _encoder_alone(timed: TimedTrace, latent: Operation) -> SideLatency:
    """Return the look-ahead of the transmit side at its latest step."""
    latest = along(latent.latest, -1).to(torch.int64)
    ends = step_starts(len(latest) + 1, last_axis_period(timed, latent))[1:] - 1
    middle = middle_of(len(latest))
    step = middle.start + int((latest - ends)[middle].argmax())
    onsets = Onsets(timed, int(latest[step]))
    look_ahead = int(latest[step] - ends[step])
    return _side(timed, transmit_links(onsets, critical_path(onsets, latent)), look_ahead)


def _decoder_alone(codec: TimedTrace, latent: Operation) -> SideLatency:
    """Return the look-ahead of the receive side, from a run of it alone.

    It is not known where the decoder takes something else than one latent or one tensor of codes.
    """
    try:
        timed = timed_trace(decoder_section(codec, latent))
    except Exception:  # a decoder may refuse what it is given with any error
        return SideLatency(None, (), ())
    bound = upper_bound(timed)
    if bound.critical is None:
        return SideLatency(None, (), ())
    if bound.whole_clip:
        return SideLatency(None, (), (whole_clip_sentence(timed, first_to_see_the_end(timed)),))
    onsets = Onsets(timed, bound.critical.input_step)
    links = receive_links(onsets, critical_path(onsets, timed.trace.output))
    return _side(timed, links, bound.critical.ahead_samples)
