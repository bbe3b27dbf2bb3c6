"""Rules of operators that see windows: convolutions and pooling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

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

_Places = tuple[slice, ...]
"""A place on each axis of a value ``[N, C, ...]``."""


class _Window(NamedTuple):
    """How a window moves, one number for each axis of space."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    padded: tuple[int, ...]
    """Padding before the first value."""

    def reach(self, places: Sequence[int]) -> tuple[int, ...]:
        """Return the values from the first to the last that windows at so many places see."""
        sizes = zip(places, self.strides, self.kernel, self.dilations, strict=True)
        return tuple((n - 1) * s + (k - 1) * d + 1 for n, s, k, d in sizes)

    def taps(self, places: Sequence[int]) -> Iterator[_Places]:
        """Yield for every tap which values it sees from so many places."""
        for tap in product(*map(range, self.kernel)):
            axes = zip(tap, self.dilations, places, self.strides, strict=True)
            yield _with_channels(slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in axes)

    def inside(self, sizes: Sequence[int]) -> _Places:
        """Return the place of so many values behind the padding."""
        return _with_channels(slice(b, b + n) for b, n in zip(self.padded, sizes, strict=True))


def _with_channels(space: Iterator[slice]) -> _Places:
    return (slice(None), slice(None), *space)


def _window(call: RuleCall, kernel: Sequence[int]) -> _Window:
    given, ones = call.attributes, [1] * len(kernel)
    if given.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or given.get("output_shape"):
        raise NoRuleError("padding by the size of the result")
    return _Window(
        tuple(kernel),
        tuple(given.get("strides") or ones),
        tuple(given.get("dilations") or ones),
        tuple((given.get("pads") or [0] * len(kernel))[: len(kernel)]),
    )


@rule("Conv", "ConvInteger")
def convolution(call: RuleCall) -> list[Steps]:
    """Return the join of each window, over the channels of a group."""
    found = _slid(call, _over_channels(call), _window(call, call.shapes[1][2:]))
    return [np.maximum(found, _latest_parameter(call))]


@rule("AveragePool", "MaxPool", "LpPool")
def pool(call: RuleCall) -> list[Steps]:
    """Return the join of each window."""
    found = _slid(call, call.steps(0), _window(call, call.attributes["kernel_shape"]))
    return [found] * len(call.outputs)


@rule("ConvTranspose")
def transposed_convolution(call: RuleCall) -> list[Steps]:
    """Return for each result the join of the inputs that are added to it."""
    window, steps = _window(call, call.shapes[1][2:]), _over_channels(call)
    sizes, space = call.shapes[0][2:], call.outputs[0][2:]
    kept = window.inside(space)
    found = _empty(steps, window.reach(sizes), kept)
    data = expanded(steps, (*steps.shape[:2], *sizes))
    for places in window.taps(sizes):
        found[places] = np.maximum(found[places], data)
    return [compact(np.maximum(found[kept], _latest_parameter(call)))]


def _slid(call: RuleCall, steps: Steps, window: _Window) -> Steps:
    """Return the join of the window at each place of the result."""
    sizes, space = call.shapes[0][2:], call.outputs[0][2:]
    inside = window.inside(sizes)
    padded = _empty(steps, window.reach(space), inside)
    padded[inside] = expanded(steps, (*steps.shape[:2], *sizes))
    return compact(larger(padded[places] for places in window.taps(space)))


def _empty(steps: Steps, reach: Sequence[int], inside: _Places) -> Steps:
    """Return no dependence for all that windows see, and at least for what lies ``inside``."""
    ends = [each.stop for each in inside[2:]]
    return np.full((*steps.shape[:2], *map(max, reach, ends)), NOTHING)


def _over_channels(call: RuleCall) -> Steps:
    """Return the steps that each channel of the result sees: the join over those of its group."""
    groups, steps = call.attributes.get("group", 1), call.steps(0)
    if groups == 1 or steps.shape[1] == 1:
        return over_axes(steps, [1])
    grouped = (steps.shape[0], groups, steps.shape[1] // groups, *steps.shape[2:])
    return np.repeat(steps.reshape(grouped).max(axis=2), call.outputs[0][1] // groups, axis=1)


def _latest_parameter(call: RuleCall) -> int:
    """Return the latest step of weight and bias, which are mostly constants."""
    return max((int(each.max()) for each in call.given[1:]), default=NOTHING)
