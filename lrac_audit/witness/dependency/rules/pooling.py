"""Rules for pooling, folding and unfolding."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.rules.windows import window_join
from lrac_audit.witness.dependency.steps import NO_DEPENDENCE, nothing, plain
from lrac_audit.witness.trace.formulas.formula_table import words


@rule(*words("avg_pool2d avg_pool3d max_pool2d_with_indices max_pool3d_with_indices"))
def pool(call: RuleCall) -> list[Tensor]:
    """Return the join over each window."""
    steps, kernel = call.plain(call["self"]), list(call["kernel_size"])
    stride = list(call["stride"] or kernel)
    count = len(call.shapes[0]) - steps.dim() + len(kernel)
    for index in range(count):
        axis = steps.dim() - count + index
        dilation = _at(call.first("dilation") or [1], index)
        taps = [tap * dilation for tap in range(_at(kernel, index))]
        left, size = _at(call["padding"], index), call.shapes[0][axis]
        steps = window_join(steps, axis, taps, _at(stride, index), left, size)
    return [steps] * len(call.shapes)


def _at(sizes: Any, index: int) -> int:
    return int(sizes[index] if len(sizes) > index else sizes[-1])


@rule("_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_pool(call: RuleCall) -> list[Tensor]:
    """Return the join over each part of the input."""
    steps, sizes = call.plain(call["self"]), list(call["output_size"])
    for index, size in enumerate(sizes):
        axis = steps.dim() - len(sizes) + index
        length = steps.size(axis)
        if length > 1:
            starts = [part * length // size for part in range(size)]
            ends = [-(-(part + 1) * length // size) for part in range(size)]
            parts = [
                steps.narrow(axis, start, end - start).amax(axis)
                for start, end in zip(starts, ends, strict=True)
            ]
            steps = torch.stack(parts, axis)
    return [steps] * len(call.shapes)


@rule("unfold_backward")
def unfold_backward(call: RuleCall) -> Tensor:
    """Return the join of overlapping frames, added at their places."""
    frames = plain(call.steps(call["grad_in"])).expand(call["grad_in"].shape)
    places = torch.arange(call["input_sizes"][call["dim"]])
    places = places.unfold(0, call["size"], call["step"])
    result = nothing(*call["input_sizes"])
    axis = call["dim"] % result.dim()
    shape = [1] * frames.dim()
    shape[axis], shape[-1] = places.shape
    places = places.reshape(shape).expand(frames.shape)
    for offset in range(call["size"]):
        result.scatter_reduce_(axis, places[..., offset], frames[..., offset], "amax")
    return result


@rule("im2col")
def unfold_image(call: RuleCall) -> Tensor:
    """Return the steps of each window in a column of its own."""
    steps = plain(call.steps(call["self"])).expand(call["self"].shape)
    return (_columns(call, (steps - NO_DEPENDENCE).double()) + NO_DEPENDENCE).int()


@rule("col2im")
def fold_image(call: RuleCall) -> Tensor:
    """Return the join of overlapping windows, added at their places."""
    columns = plain(call.steps(call["self"])).expand(call["self"].shape)
    size = list(call["output_size"])
    pixels = torch.arange(1, size[0] * size[1] + 1).double().reshape(1, 1, *size)
    places = _columns(call, pixels).long()
    shape = call.shapes[0]
    result = nothing(*shape[:-2], size[0] * size[1] + 1)
    by_channel = columns.unflatten(-2, (shape[-3], -1)).flatten(-2)  # type: ignore[no-untyped-call]
    places = places.flatten().expand(by_channel.shape)
    result.scatter_reduce_(-1, places, by_channel, "amax")
    return result[..., 1:].reshape(shape)


def _columns(call: RuleCall, values: Tensor) -> Tensor:
    geometry = (call[name] for name in ("kernel_size", "dilation", "padding", "stride"))
    columns: Tensor = torch.ops.aten.im2col(values, *geometry)
    return columns
