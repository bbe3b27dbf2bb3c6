"""Packages that codecs import at their top and that cannot be installed beside the newest torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def make_torchaudio_importable() -> None:
    """Put the stand-in on the path, of this process and its children, unless the real one loads."""
    try:
        import torchaudio  # noqa: F401
    except (ImportError, OSError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.path.insert(0, str(FOLDER))
        others = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join([str(FOLDER), *([others] if others else [])])
