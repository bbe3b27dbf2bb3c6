"""How the cost of a codec depends on the audio that it codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class DataDependence(NamedTuple):
    """The places where a codec reads the signal to decide what to do, and what that changes."""

    places: tuple[str, ...]
    """What is read, with file and line."""
    macs_per_frame: Mapping[str, int]
    """Multiply-accumulates per frame on each signal that was tried."""
    dearest: str
    """Name of the signal that costs most."""

    @property
    def varies(self) -> bool:
        """Whether the signals differ in cost."""
        return len(set(self.macs_per_frame.values())) > 1

    def __str__(self) -> str:
        places, signals = ", ".join(self.places), len(self.macs_per_frame)
        if not self.varies:
            return (
                f"Values of the signal are read, which may decide what runs ({places}); "
                f"{signals} kinds of signals took equally many MACs."
            )
        least, most = min(self.macs_per_frame.values()), max(self.macs_per_frame.values())
        return (
            f"Cost depends on data: values of the signal decide what runs ({places}). Of {signals} "
            f"kinds of signals, MACs per frame go from {least:,} to {most:,}; the dearest is "
            f"reported ({self.dearest})."
        )
