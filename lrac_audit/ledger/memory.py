"""What each side must store: weights and tables once, streaming state for every stream."""

from __future__ import annotations

from collections.abc import Mapping
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
    state_values: int
    """Left context of every layer, look-ahead included."""
    held_values: int
    """What skip paths hold back on top, while their branch waits for its look-ahead."""

    @property
    def total_stored_values(self) -> int:
        """All values of the program's constant memory."""
        return sum(self.stored_values.values())

    def stored_bytes(self, dtype: str) -> int:
        """Constant memory with every value kept as ``dtype``, one of :data:`BYTES_PER_VALUE`."""
        return self.total_stored_values * BYTES_PER_VALUE[dtype]

    @property
    def state_bytes(self) -> int:
        """State of one stream at :data:`STATE_DTYPE`, without what skip paths hold back."""
        return self.state_values * BYTES_PER_VALUE[STATE_DTYPE]

    @property
    def held_bytes(self) -> int:
        """What skip paths hold back, at :data:`STATE_DTYPE`."""
        return self.held_values * BYTES_PER_VALUE[STATE_DTYPE]


def memory(ledger: Ledger, side: Side) -> Memory:
    """What ``side`` stores. Quantizer layers that the mode leaves off are stored all the same."""
    stored = dict.fromkeys(STORAGES, 0)
    state = held = 0
    for row in ledger.rows:
        if row.side == side:
            stored[row.storage] += row.stored_values
            state += row.state_values
            held += row.held_values
    return Memory(MappingProxyType(stored), state, held)
