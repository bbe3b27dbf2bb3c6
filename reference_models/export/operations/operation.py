"""An operation of a program, on values ``[rows, columns]``: time steps by channels."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.signal import ValidRows


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: what it reads and keeps, and the value that it writes."""

    row: str
    """Name of the ledger's row that it is a part of."""
    reads: tuple[str, ...]
    """Names of values."""
    writes: str
    """Name of a value, which no other operation writes."""
    keeps: tuple[str, ...] = ()
    """Names of states, which it reads and then replaces."""
    constants: tuple[str, ...] = ()
    """Names of constants."""
    layer: int = 0
    """The quantizer layer that it belongs to. While no more layers than that are active, its result
    is zeros."""


@dataclass(frozen=True, kw_only=True)
class WithMemory(Operation):
    """An operation to which it matters whether a row of its input is a step of the clip."""

    valid: ValidRows
    """Those that are, in the first value that it reads."""

    @property
    def start_frames(self) -> int:
        """Frames at the start of a stream in which some rows are none."""
        return self.valid.start_frames
