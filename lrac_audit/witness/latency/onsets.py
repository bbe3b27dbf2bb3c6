"""Find when each operation of a side first moves after a change of the input, in audio samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lrac_audit.witness.latency.dataflow import DataflowRun, Node, record_dataflow
from lrac_audit.witness.latency.perturbation import PerturbedClip
from lrac_audit.witness.latency.sides import Side
from lrac_audit.witness.latency.time_axes import Periods, TimeAxes


@dataclass(frozen=True)
class Onsets:
    """The nodes of one run, and how early each of them moves."""

    nodes: Sequence[Node]
    output_index: int
    """Index of the node that is the output."""
    moved: Sequence[Mapping[int, int] | None]
    """For each node the first step that moves, by time axis; None when nothing moves."""
    periods: Sequence[Periods]
    ahead: Sequence[int | None]
    """For each node the audio samples by which it moves before the change; None unless it has
    exactly one time axis."""


def find_onsets(root: nn.Module, clip: PerturbedClip, position: int) -> Onsets:
    """Return the onsets after a change of the input of ``clip`` from ``position`` on."""
    time_axes = clip.side.time_axes
    base = _checked(root, clip, clip.base, time_axes)
    if not time_axes.fits(base.nodes):
        time_axes = clip.side.time_axes_of(root, clip.hops)
        base = _checked(root, clip, clip.base, time_axes)
    changed = _checked(root, clip, clip.changed(position), time_axes)
    moved = [_first_moved(a, b) for a, b in zip(base.nodes, changed.nodes, strict=True)]
    ahead = [
        None if first is None else _ahead(clip.side, position, first, by_axis)
        for first, by_axis in zip(moved, time_axes.periods, strict=True)
    ]
    return Onsets(base.nodes, base.output_index, moved, time_axes.periods, ahead)


def _checked(root: nn.Module, clip: PerturbedClip, x: Tensor, time_axes: TimeAxes) -> DataflowRun:
    """Run ``x`` and record checksums along the time axes."""
    return record_dataflow(
        root, clip.side.run, x, [tuple(by_axis) for by_axis in time_axes.periods]
    )


def _first_moved(node: Node, other: Node) -> dict[int, int] | None:
    found = {}
    for axis, checksum in node.checksums.items():
        places = torch.nonzero(checksum != other.checksums[axis])
        if len(places):
            found[axis] = int(places[0, 0])
    return found or None


def _ahead(side: Side, position: int, first: Mapping[int, int], periods: Periods) -> int | None:
    """Return the samples by which a node moves before the change.

    None for a node with two time axes, such as attention scores, which mix all steps.
    """
    if len(periods) > 1:
        return None
    return next(side.ahead(position, step, periods[axis]) for axis, step in first.items())


def receptive_field_samples(onsets: Onsets) -> int:
    """Return the input samples under the taps of an output step, for the widest path.

    Only convolutions are considered, by their geometry. It tells where to look for the past.
    """
    fields: list[int] = []
    for node in onsets.nodes:
        widest = max((fields[s] for s in node.sources), default=1)
        periods = [p for s in node.sources for p in onsets.periods[s].values()]
        period = min(periods, default=None)
        fields.append(widest + (int(node.reach_steps * period) if period else 0))
    return fields[onsets.output_index]
