"""Rules for normalisations."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import (
    ZERO,
    compact,
    is_covered,
    joined,
    joined_over,
    joined_whole,
    nothing,
    plain,
)


@rule("native_layer_norm")
def layer_norm(call: RuleCall) -> list[Tensor]:
    """Return the join over the last axes, which are normalised together."""
    axes = [-1 - axis for axis in range(len(call["normalized_shape"]))]
    joint = [call.joined_over(call["input"], axes), *_affine(call)]
    return [joined(joint)] * len(call.shapes)


def _affine(call: RuleCall) -> list[Tensor]:
    """Return the joins of scale and shift, where they depend on the input."""
    scales = (call.first("weight"), call.first("bias"))
    return [joined_whole(call.steps(tensor)) for tensor in scales if call.depends(tensor)]


@rule("native_group_norm")
def group_norm(call: RuleCall) -> list[Tensor]:
    """Return the join over each group of channels and all places."""
    steps, groups, channels = call.plain(call["input"]), call["group"], call["C"]
    if steps.size(1) == 1:
        result = joined_over(steps, range(1, steps.dim()))
    else:
        by_group = steps.unflatten(1, (groups, -1))  # type: ignore[no-untyped-call]
        by_group = joined_over(by_group, range(2, by_group.dim()), keepdim=False)
        result = by_group.repeat_interleave(channels // groups, 1)
        result = result.reshape(*result.shape, *[1] * (steps.dim() - 2))
    whole = joined_whole(result)
    return [joined([result, *_affine(call)]), whole, whole]


@rule("native_batch_norm")
def batch_norm(call: RuleCall) -> list[Tensor]:
    """Return the steps themselves; in training the join over batch and places."""
    steps = call.plain(call["input"])
    if call["training"]:
        steps = joined_over(steps, [0, *range(2, steps.dim())])
    statistics = ("running_mean", "running_var", "weight", "bias")
    dependent = [call.first(name) for name in statistics]
    extra = [_by_channel(call, tensor, steps.dim()) for tensor in dependent if call.depends(tensor)]
    result = joined([steps, *extra])
    whole = joined_whole(result) if call["training"] else nothing()
    return [result, *[whole] * (len(call.shapes) - 1)]


def _by_channel(call: RuleCall, tensor: Tensor, dims: int) -> Tensor:
    return call.plain(tensor).reshape(1, -1, *[1] * (dims - 2))


@rule("renorm")
def limit_norms(call: RuleCall) -> Tensor:
    """Return the join over each slice of an axis, whose norm is limited."""
    return call.joined_over(call["self"], _other_axes(call["self"], call["dim"]))


@rule("_weight_norm_interface")
def weight_norm(call: RuleCall) -> Tensor:
    """Return the join of directions over each slice of an axis, and of its length."""
    directions, lengths = call["v"], call["g"]
    slices = call.joined_over(directions, _other_axes(directions, call["dim"]))
    return joined([slices, call.plain(lengths)])


def _other_axes(tensor: Tensor, axis: int) -> list[int]:
    return [other for other in range(tensor.dim()) if other != axis % tensor.dim()]


@rule("_softmax", "_log_softmax", "_safe_softmax")
def softmax(call: RuleCall) -> Tensor:
    """Return the join over the axis, and zero where a hugely negative score gets no weight."""
    scores = call.steps(call["self"])
    return softmax_steps(scores, call["dim"], is_log="log" in call.func._schema.name)


def softmax_steps(scores: Tensor, axis: int, is_log: bool = False) -> Tensor:
    """Return the steps of softmax weights; a row of covered scores alone is an ordinary one."""
    scores = compact(scores)
    masked = is_covered(scores)
    if is_log or not bool(masked.any()):
        return joined_over(scores, [axis])
    masked = masked & ~masked.all(axis, keepdim=True)
    kept = torch.where(masked, nothing(), plain(scores))
    return torch.where(masked, ZERO, kept.amax(axis, keepdim=True))
