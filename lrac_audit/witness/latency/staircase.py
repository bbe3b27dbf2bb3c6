"""The highest point above a monotone staircase, without asking for every step.

Let ``g(j)`` be the first output step that moves when the input changes from position ``j`` on. A
change from a later position is a smaller change, so ``g`` never falls: it is a staircase. What is
looked for is the maximum over ``j`` of ``value(j, g(j))``, where ``value`` rises with ``j`` and
falls with ``g``. Between two positions ``a < b`` that are known it is at most
``value(b - 1, g(a))``; where this is no more than the best known, nothing has to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

Value = Callable[[int, int], int]
Ask = Callable[[Sequence[int]], Sequence[int]]
"""From positions to the first steps that move."""


class Peak(NamedTuple):
    """Where the staircase is farthest below the diagonal."""

    value: int
    position: int
    step: int


def highest(
    ask: Ask,
    value: Value,
    window: range,
    hints: Sequence[int],
    at_once: int,
    floor: int | None = None,
) -> Peak | None:
    """The maximum of ``value(j, g(j))`` for ``j`` in ``window``; None when none exceeds ``floor``.

    Args:
        ask: Answers for several positions at a time, ascending.
        value: See above.
        window: Positions; one period of the staircase, from anywhere.
        hints: Positions to ask about first, beside the start of the window.
        at_once: Positions per question.
        floor: A value that is known to be reached elsewhere.
    """
    known: dict[int, int] = {}
    wanted = sorted({window.start, *(hint for hint in hints if hint in window)})
    while wanted:
        known.update(zip(wanted, ask(wanted), strict=True))
        best = max(Peak(value(j, g), j, g) for j, g in known.items())
        enough = best.value if floor is None else max(floor, best.value)
        wanted = _next(known, value, enough, window.stop, at_once)
    return best if floor is None or best.value > floor else None


def _next(known: dict[int, int], value: Value, enough: int, stop: int, at_once: int) -> list[int]:
    """Cuts through the intervals that may still hold something better, the most promising first."""
    ends = pairwise([*sorted(known), stop])
    bounds = [(value(b - 1, known[a]), a, b) for a, b in ends if b - a > 1]
    promising = sorted((bound for bound in bounds if bound[0] > enough), reverse=True)[:at_once]
    cuts: set[int] = set()
    for _, a, b in promising:
        parts = at_once // len(promising) + 1
        cuts.update(a + max(1, (b - a) * i // parts) for i in range(1, parts))
    return sorted(cuts)
