"""Find the period of a cost that is known at any clip length, and the lengths that show it.

A cost is a vector of whole numbers, one for each kind of work, as a function of the clip's length.
In a stream it repeats: ``cost(n + period) - cost(n)`` is the same for every length ``n`` beyond the
start-up. Most costs grow evenly, with a period of one step, and three lengths are enough to see it:
two neighbours, and one that is farther away by a prime number of steps, which shows every shorter
period. Work in padded segments, or once in so many hops, shows edges: lengths at which the cost
leaves the line on which it has grown so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

Cost = tuple[int, ...]
CostAt = Callable[[int], Cost]
"""The cost of a clip of so many steps; raises :class:`OutOfReach` where no clip can be run."""

Leaves = Callable[[int, int], bool]
"""Whether the second length is off the line on which the cost grows from the first."""


class OutOfReach(Exception):  # noqa: N818
    """No clip of this length can be run."""


class Span(NamedTuple):
    """Two lengths in steps, a whole number of periods apart, from which the rate follows."""

    short: int
    long: int
    period: int


def minus(more: Cost, less: Cost) -> Cost:
    """Return the difference of two costs."""
    return tuple(a - b for a, b in zip(more, less, strict=True))


def is_even(cost: CostAt, lengths: Sequence[int]) -> bool:
    """Return whether the cost lies on one line at all of ``lengths``, which ascend."""
    first, second, *rest = lengths
    return all(_is_on_line(cost, first, second, length) for length in rest)


def _is_on_line(cost: CostAt, first: int, second: int, length: int) -> bool:
    """Return whether ``length`` lies on the line through the other two."""
    base = cost(first)
    slope, rise = minus(cost(second), base), minus(cost(length), base)
    run, reach = second - first, length - first
    return all(a * reach == b * run for a, b in zip(slope, rise, strict=True))


def first_that_agrees(cost: CostAt, candidates: Iterator[Span], known: int) -> Span | None:
    """Return the first of ``candidates`` that predicts the cost at the length ``known``."""
    with suppress(OutOfReach):
        for span in candidates:
            if agrees(cost, span, known):
                return span
    return None


def agrees(cost: CostAt, span: Span, known: int) -> bool:
    """Return whether a period predicts the cost at the length ``known``."""
    periods = max(0, (known - span.short) // span.period)
    near = known - periods * span.period
    rise = minus(cost(span.short + span.period), cost(span.short))
    return minus(cost(known), cost(near)) == tuple(periods * n for n in rise)


def by_edges(cost: CostAt, start: int, probes: Sequence[int]) -> Iterator[Span]:
    """Yield the period of a cost that leaves its line once a period.

    ``probes`` are lengths at which to look for the first time, ascending.
    """
    slope = minus(cost(start + 1), cost(start))

    def leaves(origin: int, length: int) -> bool:
        expected = tuple(step * (length - origin) for step in slope)
        return minus(cost(length), cost(origin)) != expected

    first = _first_edge(leaves, start, probes)
    second = None if first is None else _second_edge(leaves, first)
    if first is None or second is None:
        return
    period = second - first
    jumps = [minus(cost(edge), cost(edge - 1)) for edge in (first, second)]
    is_third = leaves(second, second + period) and not leaves(second, second + period - 1)
    if is_third and jumps[0] == jumps[1]:
        yield Span(first, second, period)


def _second_edge(leaves: Leaves, first: int) -> int | None:
    """Return the edge that follows the first.

    Where the clip is padded to whole segments, the first edge is one step beyond a segment, and
    the second as many steps farther as that segment is long.
    """
    guess = 2 * first - 1
    if not leaves(first, guess - 1) and leaves(first, guess):
        return guess
    return _first_edge(leaves, first, [first + probe for probe in (1, *_doubled(first))])


def _doubled(limit: int) -> Iterator[int]:
    """Yield 2, 4, 8 and so on, to twice the limit."""
    length = 2
    while length < 2 * limit:
        yield length
        length *= 2
    yield length


def _first_edge(leaves: Leaves, origin: int, probes: Sequence[int]) -> int | None:
    """Return the first length that is not on the line from ``origin``, which it then stays off."""
    on = origin
    for probe in probes:
        if probe <= on:
            continue
        if leaves(origin, probe):
            if not leaves(origin, probe - 1):
                return probe
            return _bisected(leaves, origin, on, probe - 1)
        on = probe
    return None


def _bisected(leaves: Leaves, origin: int, on: int, off: int) -> int:
    """Return the first length off the line, between one that is on it and one that is off."""
    while off - on > 1:
        middle = (on + off) // 2
        on, off = (on, middle) if leaves(origin, middle) else (middle, off)
    return off


def by_scan(cost: CostAt, start: int, longest: int) -> Iterator[Span]:
    """Yield the periods of up to ``longest`` steps that repeat twice from ``start`` on."""
    steps: list[Cost] = []
    for length in range(start, start + 2 * longest):
        steps.append(minus(cost(length + 1), cost(length)))
        half, is_odd = divmod(len(steps), 2)
        if not is_odd and half > 1 and steps[:half] == steps[half:] and any(map(any, steps)):
            period = _least_period(steps)
            yield Span(start, start + period, period)


def _least_period(steps: Sequence[Cost]) -> int:
    """Return the least number of steps after which ``steps`` repeat throughout."""
    sizes = range(1, len(steps) + 1)
    return next(size for size in sizes if steps[size:] == steps[:-size])


def is_quadratic(cost: CostAt, lengths: Sequence[int]) -> bool:
    """Return whether the cost lies on one parabola that opens upwards, at four lengths or more."""
    rises = []
    for pair in pairwise(lengths):
        run = pair[1] - pair[0]
        rises.append([Fraction(rise, run) for rise in minus(cost(pair[1]), cost(pair[0]))])
    curves = set()
    for (before, after), (low, _, high) in zip(
        pairwise(rises), zip(lengths, lengths[1:], lengths[2:], strict=False), strict=True
    ):
        curves.add(tuple((b - a) / (high - low) for a, b in zip(before, after, strict=True)))
    return len(curves) == 1 and max(curves.pop()) > 0
