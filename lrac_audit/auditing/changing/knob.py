"""Knobs of a design: everything about it that can be one step more or less."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from lrac_audit.auditing.changing.consistent import ChangedDesign, Fields, Values
from lrac_audit.design.addresses import Address, address_text
from lrac_audit.design.bounds import MAX_SIZE

Direction = int
"""1 for more, -1 for less; of a flag, 1 sets it."""
DIRECTIONS: tuple[Direction, Direction] = (-1, 1)


class Knob(ABC):
    """Something about a design that can be one step more or less."""

    @property
    @abstractmethod
    def addresses(self) -> tuple[Address, ...]:
        """The fields that it turns; others may follow them."""

    @property
    @abstractmethod
    def value(self) -> int:
        """The present value."""

    @property
    def least(self) -> int:
        """The least value that it could have."""
        return 0

    @property
    def most(self) -> int:
        """The largest value that it could have."""
        return MAX_SIZE

    @property
    def tried(self) -> int:
        """How many values next to the present one are tried for one that makes a valid design."""
        return 1

    @abstractmethod
    def setting(self, value: int) -> Values:
        """Return the fields at ``value``, by their addresses."""

    @property
    def name(self) -> str:
        """The addresses of its fields, as text."""
        return " + ".join(map(address_text, self.addresses))

    def shown(self, value: int) -> str:
        """Return a value as a file has it."""
        return str(value)

    def stepped(self, steps: int) -> int:
        """Return the value so many ``steps`` from the present one, which may be no valid one."""
        return self.value + steps


class Turned(NamedTuple):
    """A design with one knob turned."""

    steps: int
    """How far; less than 0 for less of it."""
    value: int
    changed: ChangedDesign


def turned(fields: Fields, knob: Knob, steps: int) -> Turned | None:
    """Return the design with ``knob`` turned so far; None where that breaks a rule."""
    value = knob.stepped(steps)
    if value == knob.value or not knob.least <= value <= knob.most:
        return None
    changed = fields.changed(knob.setting(value))
    return None if changed is None else Turned(steps, value, changed)


def neighbour(fields: Fields, knob: Knob, direction: Direction) -> Turned | None:
    """Return the next valid design in a direction; None where none of the next values makes one."""
    for distance in range(1, knob.tried + 1):
        found = turned(fields, knob, direction * distance)
        if found is not None:
            return found
    return None
