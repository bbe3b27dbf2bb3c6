"""LibreOffice without a screen: recalculating workbooks, many in one run."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice Calc is not installed; .ci/run installs it"
)
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


@functools.cache
def profile() -> Path:
    """A user profile that recalculates every workbook on loading, whatever values it brings."""
    folder = Path(tempfile.mkdtemp(prefix="office-profile-"))
    (folder / "user").mkdir()
    (folder / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    return folder


def convert(paths: Sequence[Path], folder: Path, kind: str = "xlsx") -> list[Path]:
    """What LibreOffice makes of ``paths``, in ``folder``, recalculated."""
    assert SOFFICE is not None
    command = [SOFFICE, f"-env:UserInstallation={profile().as_uri()}", "--headless"]
    command += ["--convert-to", kind, "--outdir", str(folder), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    found = [folder / f"{path.stem}.{kind}" for path in paths]
    assert all(path.exists() for path in found), done.stdout + done.stderr
    return found
