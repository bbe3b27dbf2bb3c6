"""The largest common scaling of fields of a design that keeps all limits.

A scaling multiplies each field and rounds down to a multiple. Only finitely many scalings make
different designs, those at which a field reaches its next multiple. The search halves between one
that passes and one that does not; then every scaling above the one found, up to twice as large, is
audited as well, so that costs need not grow with it everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.auditing.exploring.scaling import Scaled, Scaling
from lrac_audit.design.addresses import Address

MAX_SCALE = 64
"""The largest scaling that is looked at."""
MAX_AUDITED = 4000
"""How many scalings above the one found are audited."""
PROVED = 2
"""How many times the scaling found the scalings above it are audited up to."""


class Solution(NamedTuple):
    """The largest scaling that was found to keep all limits, and what is above it."""

    best: Scaled
    following: Scaled | None
    """The next larger scaling that makes a valid design; None where there is none."""
    broken: int
    """How many of the larger scalings break a limit."""
    refused: int
    """How many of them make no valid design."""
    audited_to: Fraction
    """The scaling up to which all were audited."""
    fixed: tuple[Address, ...]
    """Fields that are not scaled, since no other value of them alone makes a valid design."""


class Unsolved(NamedTuple):
    """No scaling that was tried keeps all limits."""

    least: Scaled | None
    """The smallest that was tried and makes a valid design."""


def solve(base: Trial, addresses: Sequence[Address], multiple: int = 1) -> Solution | Unsolved:
    """Return the largest scaling that keeps all limits, if any that was tried does.

    Raises:
        InputError: one of the fields is no number, or none of them can be scaled.
    """
    scaling = Scaling(base, addresses, multiple)
    low, high = _bracket(scaling)
    if low is None:
        return Unsolved(scaling.least)
    if low >= MAX_SCALE:
        return Solution(_valid(scaling, low), None, 0, 0, low, scaling.fixed)
    best = _halved(scaling, low, high)
    while (larger := _first_above(scaling, best)) is not None:
        best = larger
    return _solution(scaling, best)


def _bracket(scaling: Scaling) -> tuple[Fraction | None, Fraction]:
    """Return a scaling that passes, if one is found, and twice of it, which does not."""
    scale = Fraction(1)
    if scaling.passes(scale):
        while scale < MAX_SCALE and scaling.passes(2 * scale):
            scale *= 2
        return scale, 2 * scale
    least = Fraction(1, max(scaling.values.values()))
    while scale >= least:
        scale /= 2
        if scaling.passes(scale):
            return scale, 2 * scale
    return None, scale


def _halved(scaling: Scaling, low: Fraction, high: Fraction) -> Fraction:
    """Return a scaling that passes such that the next one that makes a valid design does not."""
    scales, best = scaling.between(low, high), low
    first, beyond = 0, len(scales)
    while first < beyond:
        middle = (first + beyond) // 2
        downwards = (scales[i] for i in range(middle, first - 1, -1))
        valid = next((scale for scale in downwards if scaling.at(scale) is not None), None)
        if valid is not None and not scaling.passes(valid):
            beyond = scales.index(valid)
        else:
            best, first = valid or best, middle + 1
    return best


def _above(scaling: Scaling, scale: Fraction) -> list[Fraction]:
    return scaling.between(scale, PROVED * scale)[:MAX_AUDITED]


def _first_above(scaling: Scaling, best: Fraction) -> Fraction | None:
    return next((scale for scale in reversed(_above(scaling, best)) if scaling.passes(scale)), None)


def _solution(scaling: Scaling, best: Fraction) -> Solution:
    scales = _above(scaling, best)
    found = [scaling.at(scale) for scale in scales]
    valid = [one for one in found if one is not None]
    return Solution(
        _valid(scaling, best),
        valid[0] if valid else None,
        len(valid),
        len(found) - len(valid),
        scales[-1] if scales else best,
        scaling.fixed,
    )


def _valid(scaling: Scaling, scale: Fraction) -> Scaled:
    """Return the design at a scale at which it is known to be valid."""
    found = scaling.at(scale)
    assert found is not None
    return found._replace(scale=scale)
