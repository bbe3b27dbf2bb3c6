"""Arrays of steps: for each element of a value, the latest input step that it can depend on.

An array has as many axes as its value, and size 1 along those where it does not vary. Earliest
steps are kept negated, so that both are joined by the maximum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.int64]

NOTHING = -(1 << 40)
"""The step of an element that depends on no input."""


def nothing(axes: int) -> Steps:
    """Return the steps of a value that depends on no input."""
    return np.full((1,) * axes, NOTHING)


def larger(parts: Iterable[Steps]) -> Steps:
    """Return the join of arrays that broadcast to each other."""
    return reduce(np.maximum, parts)


def over_axes(steps: Steps, axes: Iterable[int]) -> Steps:
    """Return the join along ``axes``, which stay with size 1."""
    found: Steps = steps.max(axis=tuple({axis % steps.ndim for axis in axes}), keepdims=True)
    return found


def whole(parts: Iterable[Steps], axes: int) -> Steps:
    """Return the join of all elements of all parts, for a value of so many axes."""
    latest = max((int(part.max()) for part in parts if part.size), default=NOTHING)
    return np.full((1,) * axes, latest)


def expanded(steps: Steps, shape: Sequence[int]) -> Steps:
    """Return ``steps`` with all elements of a value of that shape."""
    return np.broadcast_to(steps, shape)


def compact(steps: Steps) -> Steps:
    """Return ``steps`` with size 1 along every axis where it does not vary."""
    for axis, size in enumerate(steps.shape):
        if size > 1:
            first = steps.take([0], axis)
            if (steps == first).all():
                steps = first
    return steps


def shifted(steps: Steps, by: int) -> Steps:
    """Return ``steps`` that many steps later, where they depend on any input."""
    return np.where(steps == NOTHING, NOTHING, steps + by)
