"""Rules of operators that join values along axes: sums, choices, norms, transforms."""

from __future__ import annotations

import numpy as np

from lrac_audit.witness.onnx.dependency.registry import NoRuleError, RuleCall, rule
from lrac_audit.witness.onnx.dependency.steps import Steps, expanded, over_axes
from lrac_audit.witness.onnx.fourier_axis import fourier_axis
from lrac_audit.witness.onnx.graph_model import words


@rule(
    *words("""
ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
ReduceSumSquare""")
)
def reduction(call: RuleCall) -> list[Steps]:
    """Return the join along the axes, which stand in an attribute or in the second input."""
    axes = call.attributes.get("axes")
    if axes is None and len(call.inputs) > 1 and call.inputs[1] is not None:
        known = call.known(1)
        if known is None:
            raise NoRuleError("axes are not known")
        axes = [int(axis) for axis in known]
    if not axes:
        if call.attributes.get("noop_with_empty_axes"):
            return [call.steps(0)]
        axes = range(len(call.shapes[0]))
    return [_without(call, list(axes))]


@rule("ArgMax", "ArgMin")
def choice(call: RuleCall) -> list[Steps]:
    """Return the join along one axis."""
    return [_without(call, [call.attributes.get("axis", 0)])]


def _without(call: RuleCall, axes: list[int]) -> Steps:
    found = over_axes(call.steps(0), axes)
    if call.attributes.get("keepdims", 1):
        return found
    return found.squeeze(tuple({axis % found.ndim for axis in axes}))


@rule("TopK", "LpNormalization")
def along_axis(call: RuleCall) -> list[Steps]:
    """Return the join along one axis, which stays."""
    return [over_axes(call.steps(0), [call.attributes.get("axis", -1)])] * len(call.outputs)


@rule("DFT")
def fourier_transform(call: RuleCall) -> list[Steps]:
    """Return the join along one axis and the last one, of real and imaginary parts."""
    is_given = len(call.inputs) > 2 and call.inputs[2] is not None
    try:
        axis = fourier_axis(is_given, call.known(2), call.attributes, len(call.shapes[0]))
    except ValueError as error:
        raise NoRuleError(str(error)) from None
    return [over_axes(call.steps(0), [axis, -1])]


@rule("Softmax", "LogSoftmax", "Hardmax")
def softmax(call: RuleCall) -> list[Steps]:
    """Return the join along all axes from ``axis`` on, as these operators meant before version 13.

    That was the second axis where none is given.
    """
    axes = len(call.shapes[0])
    return [over_axes(call.steps(0), range(call.attributes.get("axis", 1) % axes, axes))]


@rule("CumSum")
def running_sum(call: RuleCall) -> list[Steps]:
    """Return the join of all values up to each."""
    axis = call.known(1)
    if axis is None or call.attributes.get("reverse") or call.attributes.get("exclusive"):
        raise NoRuleError("a sum in another order")
    steps = expanded(call.steps(0), call.shapes[0])
    return [np.maximum.accumulate(steps, axis=int(axis.flat[0]))]


@rule("LayerNormalization", "RMSNormalization")
def layer_norm(call: RuleCall) -> list[Steps]:
    """Return the join along all axes from ``axis`` on."""
    axes = len(call.shapes[0])
    first = call.attributes.get("axis", -1) % axes
    found = over_axes(call.steps(0), range(first, axes))
    return [found, *(found for _ in call.outputs[1:])]


@rule("InstanceNormalization")
def instance_norm(call: RuleCall) -> list[Steps]:
    """Return the join along all axes but the first two."""
    return [over_axes(call.steps(0), range(2, len(call.shapes[0])))]


@rule("GlobalAveragePool", "GlobalMaxPool")
def global_pool(call: RuleCall) -> list[Steps]:
    """Return the join along all axes but the first two."""
    return [over_axes(call.steps(0), range(2, len(call.shapes[0])))]
