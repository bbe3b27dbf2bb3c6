"""Presets: the designs that ship with the package, the one source of their codecs' numbers."""

from __future__ import annotations

from pathlib import Path

BASELINES = ("track1", "track2")
"""The two LRAC 2025 baselines."""
PRESETS = (*BASELINES, "encodec-24khz", "dac-16khz", "dac-24khz", "dac-44khz", "vocodec-24khz")
"""Names that a user can type in place of a path: the baselines, and codecs of others."""


def preset_path(name: str) -> Path:
    """Return the path of the design file of the preset called ``name``, one of :data:`PRESETS`."""
    return Path(__file__).with_name(f"{name}.yaml")
