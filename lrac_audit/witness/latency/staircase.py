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


def highest(ask: Ask, value: Value, low: int, high: int, at_once: int) -> Peak:
    """The maximum of ``value(j, g(j))`` for ``low <= j < high``; ``at_once`` positions per question."""
    known: dict[int, int] = {}
    wanted = sorted({low, high - 1})
    while wanted:
        known.update(zip(wanted, ask(wanted), strict=True))
        best = max(Peak(value(j, g), j, g) for j, g in known.items())
        wanted = _next(known, value, best.value, at_once)
    return best


def _next(known: dict[int, int], value: Value, best: int, at_once: int) -> list[int]:
    """Cuts through the intervals that may still hold something better, the most promising first."""
    bounds = [(value(b - 1, known[a]), a, b) for a, b in pairwise(sorted(known)) if b - a > 1]
    promising = sorted((bound for bound in bounds if bound[0] > best), reverse=True)[:at_once]
    cuts: set[int] = set()
    for _, a, b in promising:
        parts = at_once // len(promising) + 1
        cuts.update(a + max(1, (b - a) * i // parts) for i in range(1, parts))
    return sorted(cuts)
