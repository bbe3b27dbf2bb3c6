"""When each operation of a side first moves after a change of the input, in audio samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lrac_audit.witness.latency.dataflow import Node, Record, record
from lrac_audit.witness.latency.perturbation import Clip
from lrac_audit.witness.latency.sides import Side
from lrac_audit.witness.latency.time_axes import Outline, Periods


@dataclass(frozen=True)
class Timeline:
    """The nodes of one run, and how early each of them moves."""

    nodes: Sequence[Node]
    answer: int
    """Index of the node that is the output."""
    moved: Sequence[Mapping[int, int] | None]
    """By node: the first step that moves, by time axis; None when nothing moves."""
    periods: Sequence[Periods]
    ahead: Sequence[int | None]
    """By node: audio samples by which it moves before the change; None without one time axis."""


def timeline(root: nn.Module, clip: Clip, position: int) -> Timeline:
    """What happens when the input of ``clip`` changes from ``position`` on."""
    outline = clip.side.outline
    base = _checked(root, clip, clip.base, outline)
    if not outline.fits(base.nodes):
        outline = clip.side.outline_of(root, clip.hops)
        base = _checked(root, clip, clip.base, outline)
    changed = _checked(root, clip, clip.changed(position), outline)
    moved = [_first_moved(a, b) for a, b in zip(base.nodes, changed.nodes, strict=True)]
    ahead = [
        None if first is None else _ahead(clip.side, position, first, by_axis)
        for first, by_axis in zip(moved, outline.periods, strict=True)
    ]
    return Timeline(base.nodes, base.answer_index, moved, outline.periods, ahead)


def _checked(root: nn.Module, clip: Clip, x: Tensor, outline: Outline) -> Record:
    """A run with checksums along the time axes."""
    return record(root, clip.side.run, x, [tuple(by_axis) for by_axis in outline.periods])


def _first_moved(node: Node, other: Node) -> dict[int, int] | None:
    found = {}
    for axis, checksum in node.checksums.items():
        places = torch.nonzero(checksum != other.checksums[axis])
        if len(places):
            found[axis] = int(places[0, 0])
    return found or None


def _ahead(side: Side, position: int, first: Mapping[int, int], periods: Periods) -> int | None:
    """None for what has two time axes, such as attention scores, which mix all steps."""
    if len(periods) > 1:
        return None
    return next(side.ahead(position, step, periods[axis]) for axis, step in first.items())


def field_samples(line: Timeline) -> int:
    """Input samples under the taps of an output step, for the widest path; convolutions only."""
    fields: list[int] = []
    for node in line.nodes:
        widest = max((fields[s] for s in node.sources), default=1)
        periods = [p for s in node.sources for p in line.periods[s].values()]
        period = min(periods, default=None)
        fields.append(widest + (int(node.reach_steps * period) if period else 0))
    return fields[line.answer]
