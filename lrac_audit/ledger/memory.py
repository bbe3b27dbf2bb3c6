"""Memory of each side: weights and tables once, streaming state for every stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from lrac_audit.ledger.row import STORAGES, Ledger, Side, Storage

BYTES_PER_VALUE: Mapping[str, int] = MappingProxyType({"float32": 4, "float16": 2, "int8": 1})
STATE_DTYPE = "float32"
"""The type in which sizes of state are given."""


class Memory(NamedTuple):
    """Values that one side stores."""

    stored_values: Mapping[Storage, int]
    """Values by kind of storage: learned weights, projections, codebooks, folded tables."""
    state_values: int | None
    """Left context of every layer, look-ahead included; None when it was not measured, or when no
    number bounds it."""
    held_values: int | None
    """Values that skip paths hold back on top, while their branch waits for its look-ahead."""

    @property
    def total_stored_values(self) -> int:
        """All values of the program's constant memory."""
        return sum(self.stored_values.values())

    def stored_bytes(self, dtype: str) -> int:
        """Return the constant memory if every value is a ``dtype`` of :data:`BYTES_PER_VALUE`."""
        return self.total_stored_values * BYTES_PER_VALUE[dtype]

    @property
    def state_bytes(self) -> int | None:
        """State of one stream at :data:`STATE_DTYPE`, without what skip paths hold back."""
        return _bytes(self.state_values)

    @property
    def held_bytes(self) -> int | None:
        """Values that skip paths hold back, in bytes at :data:`STATE_DTYPE`."""
        return _bytes(self.held_values)


def _bytes(values: int | None) -> int | None:
    return None if values is None else values * BYTES_PER_VALUE[STATE_DTYPE]


def memory(ledger: Ledger, side: Side) -> Memory:
    """Return the memory of ``side``, with the quantizer layers that the mode leaves off."""
    stored = dict.fromkeys(STORAGES, 0)
    rows = [row for row in ledger.rows if row.side == side]
    for row in rows:
        stored[row.storage] += row.stored_values
    return Memory(
        MappingProxyType(stored),
        _sum(row.state_values for row in rows),
        _sum(row.held_values for row in rows),
    )


def device_values(ledger: Ledger) -> int:
    """Return the values that a device with both sides stores; shared ones count once."""
    return sum(row.stored_values - row.shared_values for row in ledger.rows)


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
