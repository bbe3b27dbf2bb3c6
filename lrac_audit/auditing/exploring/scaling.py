"""Fields of a design that are multiplied by one factor, each rounded down to a multiple."""

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


class Scaled(NamedTuple):
    """A design at a scaling."""

    scale: Fraction
    changed: ChangedDesign
    trial: Trial


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
