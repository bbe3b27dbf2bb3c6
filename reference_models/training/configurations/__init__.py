"""The training configurations that come with the package."""

from __future__ import annotations

from pathlib import Path

CONFIGURATIONS = ("track1", "track2", "trial", "debug")
"""Their names, each that of a file beside this one."""
FOLDER = Path(__file__).parent
