"""Find the highest point above a monotone staircase, without evaluating every step.

Let ``g(j)`` be the first output step that moves when the input changes from position ``j`` on. A
change from a later position is a smaller change, so ``g`` never falls: it is a staircase. The goal
is the maximum over ``j`` of ``value(j, g(j))``, where ``value`` rises with ``j`` and falls with
``g``. Between two evaluated positions ``a < b`` it is at most ``value(b - 1, g(a))``; where this is
no more than the best value found, nothing has to be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

Value = Callable[[int, int], int]
Staircase = Callable[[int], int]
"""A function from a position to the first step that moves."""


class Peak(NamedTuple):
    """The point where the staircase is farthest below the diagonal."""

    value: int
    position: int
    step: int


def find_peak(
    staircase: Staircase,
    value: Value,
    window: range,
    hints: Sequence[int] = (),
    floor: int | None = None,
) -> Peak | None:
    """Return the maximum of ``value(j, g(j))`` in ``window``; None if it is not above ``floor``.

    Args:
        staircase: The function ``g`` above.
        value: The function ``value`` above.
        window: Positions; one period of the staircase, from anywhere.
        hints: Positions to evaluate first, beside the start of the window.
        floor: A value that is known to be reached elsewhere.
    """
    known = {j: staircase(j) for j in (window.start, *hints) if j in window}
    while True:
        best = max(Peak(value(j, g), j, g) for j, g in known.items())
        enough = best.value if floor is None else max(floor, best.value)
        wanted = _next(known, value, enough, window.stop)
        if wanted is None:
            return best if floor is None or best.value > floor else None
        known[wanted] = staircase(wanted)


def _next(known: dict[int, int], value: Value, enough: int, stop: int) -> int | None:
    """Return the middle of the interval with the highest bound; None when none is high enough."""
    ends = pairwise([*sorted(known), stop])
    bounds = [(value(b - 1, known[a]), a, b) for a, b in ends if b - a > 1]
    bound, a, b = max(bounds, default=(enough, 0, 0))
    return (a + b) // 2 if bound > enough else None
