"""Knobs that are fields of a design, alone or with the fields that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lrac_audit.auditing.changing.consistent import Values
from lrac_audit.auditing.changing.knob import Knob
from lrac_audit.design.addresses import Address, address_text

DIVIDED = frozenset({"channels", "width", "groups", "heads", "window", "codebook_dim", "strides"})
"""Fields that must divide others or be divided by them, so that the next valid value may be far."""
MAX_TRIED = 64


@dataclass(frozen=True)
class FieldKnob(Knob):
    """A number of a design."""

    address: Address
    present: int

    @property
    def value(self) -> int:
        """The number in the field."""
        return self.present

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return its field."""
        return (self.address,)

    @property
    def tried(self) -> int:
        """How many values are tried: many where others must divide the field."""
        return 1 if DIVIDED.isdisjoint(self.address) else MAX_TRIED

    def setting(self, value: int) -> Values:
        """Return the field at ``value``."""
        return {self.address: value}


class FlagKnob(FieldKnob):
    """A flag of a design: 0 is off, 1 is on."""

    @property
    def most(self) -> int:
        """Return 1, which is on."""
        return 1

    def setting(self, value: int) -> Values:
        """Return the flag, on or off."""
        return {self.address: bool(value)}

    def shown(self, value: int) -> str:
        """Return the word of a file for the flag."""
        return "true" if value else "false"


class CodebookSizeKnob(FieldKnob):
    """Codewords, of which a step is a bit of the index where they are a power of two."""

    def stepped(self, steps: int) -> int:
        """Return the value doubled or halved ``steps`` times, or else that many more."""
        if self.value & (self.value - 1):
            return super().stepped(steps)
        return self.value << steps if steps > 0 else self.value >> -steps


@dataclass(frozen=True)
class UnitCountKnob(Knob):
    """The residual units of a block: one more repeats the last one, one less leaves it out."""

    address: Address
    units: tuple[Any, ...]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return the list of the units."""
        return (self.address,)

    @property
    def value(self) -> int:
        """The number of units."""
        return len(self.units)

    @property
    def name(self) -> str:
        """The address of the list, and what is counted."""
        return f"units of {address_text(self.address)}"

    def setting(self, value: int) -> Values:
        """Return the first ``value`` units, or all of them and copies of the last one."""
        more = max(value - len(self.units), 0)
        return {self.address: self.units[: max(value, 0)] + self.units[-1:] * more}


@dataclass(frozen=True)
class QuantizerLayersKnob(Knob):
    """The layers of a quantizer: a last mode of all layers, and sizes for each layer, follow."""

    address: Address
    """That of the fields of the quantizer."""
    quantizer: Any

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return the number of layers."""
        return ((*self.address, "layers"),)

    @property
    def value(self) -> int:
        """The number of layers."""
        return int(self.quantizer.layers)

    def setting(self, value: int) -> Values:
        """Return the number of layers, the modes that it leaves, and a size for each layer."""
        modes = self.quantizer.modes
        found: dict[Address, Any] = {(*self.address, "layers"): value}
        if modes and (modes[-1] == self.value or modes[-1] > value):
            found[*self.address, "modes"] = (*(mode for mode in modes[:-1] if mode < value), value)
        sizes = getattr(self.quantizer, "codebook_size", None)
        if isinstance(sizes, tuple):
            more = max(value - len(sizes), 0)
            found[*self.address, "codebook_size"] = sizes[: max(value, 0)] + sizes[-1:] * more
        return found
