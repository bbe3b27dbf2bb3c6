"""The delay of a codec of graphs: what their results depend on, and what they declare.

A graph that keeps a state is causal in its calls: it waits for the audio of a call, and where a
layer looks ahead its result comes out later. How much later shows in no graph, as a late result and
one that looks back are the same arithmetic; the file declares it, and the dependency bounds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from lrac_audit.ledger.row import Side
from lrac_audit.witness.onnx.dependency.steps import NOTHING, Steps
from lrac_audit.witness.onnx.dependency.unrolled import (
    Signal,
    Start,
    Unrolled,
    first_result,
    unroll,
)
from lrac_audit.witness.onnx.sides import SideGraph


class GraphReach(NamedTuple):
    """The inputs on which the results of one graph depend, relative to the start of a call."""

    latest: Unrolled
    earliest: Unrolled
    """Steps are negated."""

    @property
    def past(self) -> int | None:
        """How far before a call its result depends on the input; None where no end was found."""
        steps = self.earliest.steps
        return None if steps is None else max(int(steps.max()), 0)


def reach_of(side: SideGraph) -> GraphReach:
    """Return the reach of a graph: in samples, or for the receive side in calls."""
    latest, earliest = (_unrolled(side, sign) for sign in (1, -1))
    return GraphReach(latest, earliest)


def _unrolled(side: SideGraph, sign: int) -> Unrolled:
    unit = 1 if side.side == "receive" else side.hop_samples
    return unroll(side.graph, side.ports, _signal(side, sign), sign * unit)


def _signal(side: SideGraph, sign: int) -> Signal:
    """Return what gives the steps of the input of a call: its samples, or the call for codes."""
    axes = len(side.graph.value(side.ports.signal).shape or ())
    if side.side == "receive":
        return lambda call: np.full((1,) * axes, sign * call)
    samples = np.arange(side.hop_samples).reshape((1,) * (axes - 1) + (-1,))
    return lambda call: sign * (samples + call * side.hop_samples)


def latest_ahead(reaches: Mapping[Side, GraphReach], hop_samples: int) -> int | None:
    """Return 1 + the maximum over audio results of (latest input sample) - (place in the stream).

    None where a graph is missing, its dependency did not settle, or nothing depends on the input.
    """
    if "undivided" in reaches:
        return _ahead(reaches["undivided"].latest.steps, hop_samples)
    if set(reaches) != {"transmit", "receive"}:
        return None
    sent, played = (reaches[side].latest.steps for side in ("transmit", "receive"))
    if sent is None or played is None or int(sent.max()) == NOTHING:
        return None
    known = played > NOTHING
    in_samples = np.where(known, played * hop_samples + int(sent.max()), NOTHING)
    return _ahead(in_samples, hop_samples)


def _ahead(latest: Steps | None, hop_samples: int) -> int | None:
    if latest is None or int(latest.max()) == NOTHING:
        return None
    places = np.arange(hop_samples)
    return 1 + int((np.broadcast_to(latest, (*latest.shape[:-1], hop_samples)) - places).max())


def starts_of(sides: Iterable[SideGraph]) -> dict[Side, Start]:
    """Return by side which result of a stream is the first to depend on any input."""
    return {each.side: first_result(each.graph, each.ports, _signal(each, 1)) for each in sides}


def least_delay(
    reaches: Mapping[Side, GraphReach], starts: Mapping[Side, Start], hop_samples: int
) -> int | None:
    """Return the least that the whole delay can be, in audio samples; None where it is not shown.

    It is a call, and the samples at the start of a stream that depend on no input.
    """
    shown = latest_ahead(reaches, hop_samples)
    if shown is None:
        return None
    return max(shown, hop_samples + silent_samples(starts, hop_samples))


def silent_samples(starts: Mapping[Side, Start], hop_samples: int) -> int:
    """Return the samples of audio at the start of a stream that depend on no input.

    Codes that depend on none in a number of calls let the receive side wait for as many.
    """
    sent = starts.get("transmit") or (0, 0)
    played = starts.get("receive") or starts.get("undivided") or (0, 0)
    return (sent[0] + played[0]) * hop_samples + played[1]
