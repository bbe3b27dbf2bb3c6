"""Presets: the designs that ship with the package, the one source of the baselines' numbers."""

from __future__ import annotations

from pathlib import Path

PRESETS = ("track1", "track2")
"""Names that a user can type in place of a path: the two LRAC 2025 baselines."""


def preset_path(name: str) -> Path:
    """Return the path of the design file of the preset called ``name``, one of :data:`PRESETS`."""
    return Path(__file__).with_name(f"{name}.yaml")
