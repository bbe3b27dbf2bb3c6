"""Rules for convolutions and transposed convolutions, with the zeros of constant weights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.rules.windows import spread, window_join
from lrac_audit.witness.dependency.steps import (
    has_structure,
    joined,
    joined_over,
    joined_whole,
    nothing,
    plain,
)

MOST_PATTERNS = 4096
"""Most patterns of zeros, times taps, that are told apart."""


@dataclass(frozen=True)
class Axis:
    """The geometry of a convolution along one axis."""

    axis: int
    taps: tuple[int, ...]
    """Offset of each tap of the kernel in input steps, spread ones for a transposed convolution."""
    stride: int
    left: int
    spread: int
    """Distance of the input steps after a transposed convolution has spread them."""
    size: int
    """Steps of the output."""


@rule("convolution", "_convolution")
def convolve(call: RuleCall) -> Tensor:
    """Return the join over all taps and input channels whose weights are not zero."""
    weight, axes = call["weight"], _axes(call)
    steps = call.plain(call["input"])
    live = None if call.depends(weight) else _live(weight, call["transposed"], call["groups"])
    if live is not None:
        steps = steps.expand(*steps.shape[:2], *call["input"].shape[2:]).contiguous()
    for axis in axes:
        steps = spread(steps, axis.axis, axis.spread)
    if live is None:
        result = _windows(_channels_joined(steps, call), axes)
    else:
        result = _by_pattern(steps, live, axes, call["groups"])
    others = [call["bias"], weight]
    return joined([result, *(joined_whole(call.steps(t)) for t in others if call.depends(t))])


def _axes(call: RuleCall) -> list[Axis]:
    weight, transposed = call["weight"], call["transposed"]
    found = []
    for index, kernel in enumerate(weight.shape[2:]):
        stride, padding, dilation = (
            _at(call[name], index) for name in ("stride", "padding", "dilation")
        )
        taps = tuple(tap * dilation for tap in range(kernel))
        size = call.shapes[0][index + 2]
        if transposed:
            left = taps[-1] - padding
            found.append(Axis(index + 2, taps[::-1], 1, left, stride, size))
        else:
            found.append(Axis(index + 2, taps, stride, padding, 1, size))
    return found


def _at(sizes: Any, index: int) -> int:
    """Return the size for an axis, where one number stands for all."""
    return int(sizes[index] if len(sizes) > index else sizes[-1])


def _channels_joined(steps: Tensor, call: RuleCall) -> Tensor:
    """Return the join of the input channels that each output channel sees."""
    groups, channels = call["groups"], call.shapes[0][1]
    if steps.size(1) == 1 or groups == 1:
        return joined_over(steps, [1])
    by_group = joined_over(steps.unflatten(1, (groups, -1)), [2], keepdim=False)  # type: ignore[no-untyped-call]
    return by_group.repeat_interleave(channels // groups, 1)


def _windows(steps: Tensor, axes: list[Axis]) -> Tensor:
    for axis in axes:
        taps = sorted(axis.taps)
        steps = window_join(steps, axis.axis, taps, axis.stride, axis.left, axis.size)
    return steps


def _live(weight: Tensor, transposed: bool, groups: int) -> Tensor | None:
    """Return which weights are not zero, ``[out, in of the group, *taps]``, if zeros matter."""
    if not has_structure(weight):
        return None
    live = weight.detach() != 0
    if transposed:
        grouped = live.unflatten(0, (groups, -1)).transpose(1, 2)  # type: ignore[no-untyped-call]
        live = grouped.flatten(0, 1)
    return live


def _by_pattern(steps: Tensor, live: Tensor, axes: list[Axis], groups: int) -> Tensor:
    """Return the join for each output channel, once for all channels with the same zeros."""
    channels, taps = live.size(0), live[0, 0].numel()
    group = torch.arange(channels) // (channels // groups)
    if steps.size(1) == 1:
        live, group = live.any(1, keepdim=True), torch.zeros_like(group)
    patterns = torch.cat([group.unsqueeze(1), live.flatten(1)], 1)
    distinct, which = patterns.unique(dim=0, return_inverse=True)  # type: ignore[no-untyped-call]
    if len(distinct) * taps > MOST_PATTERNS:
        distinct, which = _union(patterns, group, steps.size(1) > 1)
    shape = live.shape[1:]
    rows = [
        _pattern_join(steps, row[1:].reshape(shape).bool(), int(row[0]), axes) for row in distinct
    ]
    if len(rows) == 1:
        return rows[0]
    whole = torch.cat(torch.broadcast_tensors(*rows), 1)  # type: ignore[no-untyped-call]
    return whole.index_select(1, which)


def _union(patterns: Tensor, group: Tensor, by_group: bool) -> tuple[Tensor, Tensor]:
    """Return one pattern for each group: what any of its channels sees."""
    groups = int(group.max()) + 1 if by_group else 1
    rows = [torch.cat([torch.tensor([g]), patterns[group == g, 1:].amax(0)]) for g in range(groups)]
    return torch.stack(rows), group


def _pattern_join(steps: Tensor, live: Tensor, group: int, axes: list[Axis]) -> Tensor:
    """Return the join over the live taps of one output channel, ``live`` being [in, *taps]."""
    if steps.size(1) > 1:
        steps = steps.narrow(1, group * live.size(0), live.size(0))
    result = nothing(*[1] * steps.dim())
    taps = product(*(range(size) for size in live.shape[1:]))
    for tap, channels in zip(taps, live.flatten(1).unbind(1), strict=True):
        if not bool(channels.any()):
            continue
        seen = joined_over(steps[:, channels] if steps.size(1) > 1 else steps, [1])
        for axis, index in zip(axes, tap, strict=True):
            seen = window_join(
                seen, axis.axis, [axis.taps[index]], axis.stride, axis.left, axis.size
            )
        result = torch.maximum(result, plain(seen))
    return result
