"""The largest common scaling of fields of a design that keeps all limits.

A scaling multiplies each field and rounds down to a multiple. Only finitely many scalings make
different designs, those at which a field reaches its next multiple. The search halves between one
that passes and one that does not; then every scaling above the one found, up to twice as large, is
audited as well, so that costs need not grow with it everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple

from lrac_audit.auditing.changing.consistent import ChangedDesign
from lrac_audit.auditing.changing.field_knobs import FieldKnob
from lrac_audit.auditing.changing.knob import DIRECTIONS, neighbour
from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.design.addresses import Address, address_text
from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.latency import first_of

MAX_SCALE = 64
"""The largest scaling that is looked at."""
MAX_AUDITED = 4000
"""How many scalings above the one found are audited."""
PROVED = 2
"""How many times the scaling found the scalings above it are audited up to."""


class Scaled(NamedTuple):
    """A design at a scaling."""

    scale: Fraction
    changed: ChangedDesign
    trial: Trial


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


class Scaling:
    """Fields of a design that are scaled alike."""

    def __init__(self, base: Trial, addresses: Sequence[Address], multiple: int) -> None:
        """Prepare to scale the fields at ``addresses`` to multiples of ``multiple``.

        Raises:
            InputError: one of them is no number, or none of them can be scaled.
        """
        self._base, self._multiple = base, multiple
        every = {at: base.fields.values[at] for at in addresses}
        _check_numbers(every)
        self.fixed = tuple(at for at in every if _is_fixed(base, at))
        self.values: Mapping[Address, int] = {
            at: value for at, value in every.items() if at not in self.fixed
        }
        if not self.values:
            given = f"{first_of([*map(address_text, self.fixed)])}, which others fix"
            raise InputError("pattern", [Problem("", given, "fields that can be more or less")])
        self._known: dict[tuple[int, ...], Scaled | None] = {}

    def at(self, scale: Fraction) -> Scaled | None:
        """Return the design at ``scale``; None where it breaks a rule."""
        values = {at: self._scaled(value, scale) for at, value in self.values.items()}
        key = tuple(values.values())
        if key not in self._known:
            changes: dict[Address, Any] = {
                at: value for at, value in values.items() if value != self.values[at]
            }
            changed = self._base.fields.changed(changes)
            self._known[key] = changed and Scaled(
                scale, changed, Trial(changed.design, self._base.terms)
            )
        return self._known[key]

    @property
    def least(self) -> Scaled | None:
        """The smallest scaling that was looked at and makes a valid design."""
        valid = (one for one in self._known.values() if one is not None)
        return min(valid, key=lambda one: one.scale, default=None)

    def passes(self, scale: Fraction) -> bool:
        """Return whether the design at ``scale`` is valid and keeps all limits."""
        found = self.at(scale)
        return found is not None and found.trial.passes

    def between(self, low: Fraction, high: Fraction) -> list[Fraction]:
        """Return the scalings above ``low`` up to ``high`` at which a field is another."""
        found: set[Fraction] = set()
        for value in set(self.values.values()):
            for steps in count(int(low * value / self._multiple) + 1):
                scale = Fraction(steps * self._multiple, value)
                if scale > high:
                    break
                found.add(scale)
        return sorted(found)

    def _scaled(self, value: int, scale: Fraction) -> int:
        return max(int(value * scale / self._multiple), 1) * self._multiple


def solve(base: Trial, addresses: Sequence[Address], multiple: int = 1) -> Solution | Unsolved:
    """Return the largest scaling that keeps all limits, if any that was tried does.

    Raises:
        InputError: one of the fields is no number, or none of them can be scaled.
    """
    scaling = Scaling(base, addresses, multiple)
    low, high = _bracket(scaling)
    if low is None:
        return Unsolved(scaling.least)
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


def _is_fixed(base: Trial, address: Address) -> bool:
    """Return whether neither more nor less of a field alone makes a valid design."""
    knob = FieldKnob(address, base.fields.values[address])
    return all(neighbour(base.fields, knob, direction) is None for direction in DIRECTIONS)


def _check_numbers(values: Mapping[Address, object]) -> None:
    """Check that each of the fields can be scaled.

    Raises:
        InputError: one cannot; with the first such field.
    """
    wrong = [
        address_text(at)
        for at, value in values.items()
        if isinstance(value, bool) or not isinstance(value, int) or value < 1
    ]
    if wrong:
        given = f"{first_of(wrong)}, which cannot be scaled"
        raise InputError("pattern", [Problem("", given, "whole numbers above 0")])


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
    own = scaling.at(best)
    assert own is not None
    return Solution(
        own._replace(scale=best),
        valid[0] if valid else None,
        len(valid),
        len(found) - len(valid),
        scales[-1] if scales else best,
        scaling.fixed,
    )
