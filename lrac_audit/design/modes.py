"""Finding the bitrate mode that a user asks for."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.errors import InputError, Problem

BITRATE_TOLERANCE = 1e-4
"""Relative, so that a bitrate can be typed as a report prints it."""


def find_bitrate(bitrates_kbps: Sequence[float], wanted_kbps: float | None) -> int:
    """Return the index of the mode with the bitrate ``wanted_kbps``; None stands for the last.

    Raises:
        InputError: no mode has it.
    """
    if wanted_kbps is None:
        return len(bitrates_kbps) - 1
    for index, kbps in enumerate(bitrates_kbps):
        if abs(kbps - wanted_kbps) <= BITRATE_TOLERANCE * kbps:
            return index
    modes = ", ".join(f"{kbps:g}" for kbps in bitrates_kbps)
    allowed = f"a mode of the codec: {modes} kbps" if modes else "no --bitrate; it has no modes"
    raise InputError("options", [Problem("bitrate", f"{wanted_kbps:g} kbps", allowed)])
