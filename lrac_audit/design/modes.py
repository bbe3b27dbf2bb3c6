"""Choice of a codec's mode by its bitrate, the same for designs and for measured codecs."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.errors import InputError, Problem

BITRATE_TOLERANCE = 1e-4
"""Relative tolerance, so that a bitrate can be typed as a report prints it."""


def matching_bitrate(bitrates_kbps: Sequence[float], wanted_kbps: float) -> int | None:
    """Return the index of the first bitrate that is ``wanted_kbps`` within the tolerance."""
    for index, kbps in enumerate(bitrates_kbps):
        if abs(kbps - wanted_kbps) <= BITRATE_TOLERANCE * kbps:
            return index
    return None


def mode_index(bitrates_kbps: Sequence[float], wanted_kbps: float | None, whose: str) -> int:
    """Return the index of the mode with this bitrate, by default the last one.

    Args:
        bitrates_kbps: Bitrates of the modes, ascending.
        wanted_kbps: The bitrate that the user asked for, if any.
        whose: The owner of the modes in messages: ``the design`` or ``the codec``.

    Raises:
        InputError: no mode has that bitrate.
    """
    if wanted_kbps is None:
        return len(bitrates_kbps) - 1
    found = matching_bitrate(bitrates_kbps, wanted_kbps)
    if found is not None:
        return found
    modes = ", ".join(f"{kbps:g}" for kbps in bitrates_kbps)
    allowed = f"a mode of {whose}: {modes} kbps" if modes else "no --bitrate; it has no modes"
    raise InputError("options", [Problem("bitrate", f"{wanted_kbps:g} kbps", allowed)])
