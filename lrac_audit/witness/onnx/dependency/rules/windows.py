"""Rules of operators that see windows: convolutions and pooling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from lrac_audit.witness.onnx.dependency.registry import NoRuleError, RuleCall, rule
from lrac_audit.witness.onnx.dependency.steps import (
    NOTHING,
    Steps,
    compact,
    expanded,
    larger,
    over_axes,
)


class _Window(NamedTuple):
    """How a window moves, one number for each axis of space."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    """Padding before the first value."""

    def taps(self) -> Iterator[tuple[int, ...]]:
        """Yield the offset of every tap from the start of the window."""
        for place in product(*(range(size) for size in self.kernel)):
            yield tuple(at * step for at, step in zip(place, self.dilations, strict=True))


def _window(call: RuleCall, kernel: Sequence[int]) -> _Window:
    axes, given = len(kernel), call.attributes
    if given.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise NoRuleError("padding by the size of the result")
    ones = [1] * axes
    return _Window(
        tuple(kernel),
        tuple(given.get("strides") or ones),
        tuple(given.get("dilations") or ones),
        tuple((given.get("pads") or [0] * axes)[:axes]),
    )


@rule("Conv", "ConvInteger")
def convolution(call: RuleCall) -> list[Steps]:
    """Return the join of each window, over the channels of a group."""
    steps = _over_channels(call, call.shapes[0][1], call.outputs[0][1])
    found = _slid(call, steps, _window(call, call.shapes[1][2:]))
    others = [each.max() for each in call.given[1:]]
    return [np.maximum(found, max(others, default=NOTHING))]


@rule("AveragePool", "MaxPool", "LpPool")
def pool(call: RuleCall) -> list[Steps]:
    """Return the join of each window."""
    found = _slid(call, call.steps(0), _window(call, call.attributes["kernel_shape"]))
    return [found] * len(call.outputs)


@rule("ConvTranspose")
def transposed_convolution(call: RuleCall) -> list[Steps]:
    """Return for each result the join of the inputs that are added to it."""
    if call.attributes.get("output_shape"):
        raise NoRuleError("padding by the size of the result")
    window = _window(call, call.shapes[1][2:])
    steps = _over_channels(call, call.shapes[0][1], call.outputs[0][1])
    size, space = call.shapes[0][2:], call.outputs[0][2:]
    ends = [
        (n - 1) * s + (k - 1) * d + 1
        for n, s, k, d in zip(size, window.strides, window.kernel, window.dilations, strict=True)
    ]
    longest = [max(e, b + n) for e, b, n in zip(ends, window.before, space, strict=True)]
    found = np.full((*steps.shape[:2], *longest), NOTHING)
    data = expanded(steps, (*steps.shape[:2], *size))
    for tap in window.taps():
        place = tuple(
            slice(start, start + (n - 1) * s + 1, s)
            for start, n, s in zip(tap, size, window.strides, strict=True)
        )
        found[(..., *place)] = np.maximum(found[(..., *place)], data)
    kept = tuple(slice(b, b + n) for b, n in zip(window.before, space, strict=True))
    others = [each.max() for each in call.given[1:]]
    return [compact(np.maximum(found[(..., *kept)], max(others, default=NOTHING)))]


def _slid(call: RuleCall, steps: Steps, window: _Window) -> Steps:
    """Return the join of the window at each place of the result."""
    size, space = call.shapes[0][2:], call.outputs[0][2:]
    reach = [
        max((n - 1) * s + (k - 1) * d + 1, b + m)
        for n, s, k, d, b, m in zip(
            space, window.strides, window.kernel, window.dilations, window.before, size, strict=True
        )
    ]
    padded = np.full((*steps.shape[:2], *reach), NOTHING)
    inside = tuple(slice(b, b + m) for b, m in zip(window.before, size, strict=True))
    padded[(..., *inside)] = expanded(steps, (*steps.shape[:2], *size))
    parts = []
    for tap in window.taps():
        place = tuple(
            slice(start, start + (n - 1) * s + 1, s)
            for start, n, s in zip(tap, space, window.strides, strict=True)
        )
        parts.append(padded[(..., *place)])
    return compact(larger(parts))


def _over_channels(call: RuleCall, channels_in: int, channels_out: int) -> Steps:
    """Return the steps that each channel of the result sees: the join over those of its group."""
    groups = call.attributes.get("group", 1)
    steps = call.steps(0)
    if groups == 1 or steps.shape[1] == 1:
        return over_axes(steps, [1])
    shape = (steps.shape[0], groups, channels_in // groups, *steps.shape[2:])
    joined = steps.reshape(shape).max(axis=2)
    return np.repeat(joined, channels_out // groups, axis=1)
