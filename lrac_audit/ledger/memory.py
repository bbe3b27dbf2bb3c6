"""What each side must store: weights and tables once, streaming state for every stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from lrac_audit.ledger.row import STORAGES, Ledger, Side, Storage

BYTES_PER_VALUE: Mapping[str, int] = MappingProxyType({"float32": 4, "float16": 2, "int8": 1})
STATE_DTYPE = "float32"
"""The type that state is stated in."""


class Memory(NamedTuple):
    """Values that one side stores."""

    stored_values: Mapping[Storage, int]
    """By what they are: learned weights, projections, codebooks, folded tables."""
    state_values: int | None
    """Left context of every layer, look-ahead included; None when it was not measured."""
    held_values: int | None
    """What skip paths hold back on top, while their branch waits for its look-ahead."""

    @property
    def total_stored_values(self) -> int:
        """All values of the program's constant memory."""
        return sum(self.stored_values.values())

    def stored_bytes(self, dtype: str) -> int:
        """Constant memory with every value kept as ``dtype``, one of :data:`BYTES_PER_VALUE`."""
        return self.total_stored_values * BYTES_PER_VALUE[dtype]

    @property
    def state_bytes(self) -> int | None:
        """State of one stream at :data:`STATE_DTYPE`, without what skip paths hold back."""
        return _bytes(self.state_values)

    @property
    def held_bytes(self) -> int | None:
        """What skip paths hold back, at :data:`STATE_DTYPE`."""
        return _bytes(self.held_values)


def _bytes(values: int | None) -> int | None:
    return None if values is None else values * BYTES_PER_VALUE[STATE_DTYPE]


def memory(ledger: Ledger, side: Side) -> Memory:
    """What ``side`` stores. Quantizer layers that the mode leaves off are stored all the same."""
    stored = dict.fromkeys(STORAGES, 0)
    rows = [row for row in ledger.rows if row.side == side]
    for row in rows:
        stored[row.storage] += row.stored_values
    return Memory(
        MappingProxyType(stored),
        _sum(row.state_values for row in rows),
        _sum(row.held_values for row in rows),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
