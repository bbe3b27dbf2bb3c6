"""Changes of a design that stays consistent: what must follow a changed field follows it.

A width that is written in several places changes in all of them, groups of one channel each stay
as many as the channels, a kernel still reaches its stride, and a trim or a look-ahead still fits
its kernel. What follows is found from the rules that the changed design breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lrac_audit.design.addresses import Address, field_values, with_values
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem

MAX_ROUNDS = 16
"""How often what a rule demands is added before the change is given up."""
WIDTHS = ("channels", "width", "groups")
"""Fields that follow a changed width where they were the same as it."""

Values = Mapping[Address, Any]


class ChangedDesign(NamedTuple):
    """A design, and its fields that differ from those of another."""

    design: CodecDesign
    changes: Values


class Fields:
    """The fields of a design, by which changes of it are made consistent."""

    def __init__(self, design: CodecDesign) -> None:
        self.design = design
        self.values = field_values(design)

    def changed(self, values: Values, leaves: bool = False) -> ChangedDesign | None:
        """Return the design with ``values`` and what follows them; None where a rule is broken.

        With ``leaves``, those of the values that break a rule are left as they are.
        """
        changes = dict(values)
        for _ in range(MAX_ROUNDS):
            try:
                return ChangedDesign(with_values(self.design, changes), changes)
            except InputError as error:
                following = dict(self._following(error, changes))
                wrong = _involved(error).intersection(changes) if leaves else frozenset[Address]()
            if not (following or wrong):
                return None
            left = () if following else wrong
            changes = {at: value for at, value in (changes | following).items() if at not in left}
        return None

    def _following(self, error: InputError, changes: Values) -> Iterator[tuple[Address, Any]]:
        for problem in error.problems:
            for field in (problem.field, *problem.involved):
                address = address_of(field)
                if address in self.values and address not in changes:
                    value = self._followed(address, problem, changes)
                    if value is not None:
                        yield address, value

    def _followed(self, address: Address, problem: Problem, changes: Values) -> int | None:
        """Return what the field at ``address`` must be after ``changes``, if one of them tells."""
        name = address[-1]
        if name in WIDTHS:
            return self._same_width(address, changes)
        if address != address_of(problem.field):
            return None
        fitting = self._fitting(address, changes)
        return fitting if fitting != self.values[address] else None

    def _same_width(self, address: Address, changes: Values) -> int | None:
        own = self.values[address]
        for other, value in changes.items():
            if other[-1] in WIDTHS and self.values.get(other) == own and value != own:
                return int(value)
        return None

    def _fitting(self, address: Address, changes: Values) -> int | None:
        """Return the nearest kernel that reaches its stride, or trim or look-ahead that fits."""

        def sibling(name: str) -> Any:
            at = (*address[:-1], name)
            return changes.get(at, self.values.get(at, 1))

        kernel, stride, dilation = sibling("kernel"), sibling("stride"), sibling("dilation")
        surplus = (kernel - 1) * dilation + 1 - stride
        if (*address[:-1], "hop") in self.values:  # frames of a window, or else of two hops
            surplus = max(sibling("window"), 2 * sibling("hop")) - sibling("hop")
        if address[-1] == "kernel":
            return int(-(-(stride - 1) // dilation) + 1)
        if address[-1] in ("trim", "look_ahead") and surplus >= 0:
            return int(min(self.values[address], surplus))
        return None


def _involved(error: InputError) -> frozenset[Address]:
    """Return the addresses of the fields that the broken rules compare."""
    names = (name for problem in error.problems for name in (problem.field, *problem.involved))
    return frozenset(map(address_of, names))


def address_of(field: str) -> Address:
    """Return the address of a field in a message: ``blocks[0].up`` is ``("blocks", 0, "up")``."""
    parts = re.findall(r"[^.\[\]]+", field)
    return tuple(int(part) if part.isdigit() else part for part in parts)
