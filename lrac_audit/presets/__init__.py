"""Presets: the designs that ship with the package, the one source of their codecs' numbers."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent
BASELINES = ("track1", "track2")
"""The two LRAC 2025 baselines."""
PUBLIC_CODECS = tuple(sorted({path.stem for path in _FOLDER.glob("*.yaml")} - {*BASELINES}))
"""Codecs of others: every further design file of this folder."""
PRESETS = (*BASELINES, *PUBLIC_CODECS)
"""Names that a user can type in place of a path: the baselines, and codecs of others."""


def preset_path(name: str) -> Path:
    """Return the path of the design file of the preset called ``name``, one of :data:`PRESETS`."""
    return _FOLDER / f"{name}.yaml"
