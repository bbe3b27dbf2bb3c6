"""Fixtures of the tests of documents."""

from __future__ import annotations

import os
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import lrac_audit.cli.main
import reference_models.cli.main
from lrac_audit.presets import preset_path
from tests.conftest import ROOT, Result
from tests.documents.blocks import blocks

PROGRAMS = {
    "lrac-audit": lrac_audit.cli.main.main,
    "lrac-codec": reference_models.cli.main.main,
}
CHANGE_OUTPUT = ("GITHUB_STEP_SUMMARY", "COLUMNS", "NO_COLOR", "FORCE_COLOR")
"""Variables of the environment that change what the programs print."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the commands speak of: noise, a package, designs, sheets, weights."""
    (tmp_path / "sheets").mkdir()
    (tmp_path / "designs").mkdir()
    (tmp_path / "designs" / "codec.yaml").write_bytes(preset_path("track1").read_bytes())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "weights").symlink_to(ROOT / "docs" / "weights")
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 24_000)
    soundfile.write(tmp_path / "speech.wav", noise, 24_000)
    codec = next(block.text for block in blocks("targets.md", "python"))
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "models.py").write_text(codec.partition("\n\nresult =")[0])
    return tmp_path


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[Path, Callable[[], int]], Result]:
    """Run something in this process as a new one would in a folder: a process costs seconds."""
    for name in CHANGE_OUTPUT:
        monkeypatch.delenv(name, raising=False)

    def run(folder: Path, action: Callable[[], int]) -> Result:
        with monkeypatch.context() as changed, warnings.catch_warnings():
            # Hidden are those that Python hides; a warning on the screen fails the test as output.
            warnings.resetwarnings()
            for hidden in (DeprecationWarning, PendingDeprecationWarning, ResourceWarning):
                warnings.simplefilter("ignore", hidden)
            changed.chdir(folder)
            changed.setattr(sys, "path", [str(folder), *sys.path])
            capfd.readouterr()
            code = action()
        _forget(folder)
        return Result(code, *capfd.readouterr())

    return run


def _forget(folder: Path) -> None:
    """Forget the modules of ``folder``, which another test may have under the same names."""
    if folder == ROOT:
        return
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(f"{folder}{os.sep}"):
            del sys.modules[name]


@pytest.fixture
def run(here: Callable[[Path, Callable[[], int]], Result], folder: Path) -> Callable[[str], Result]:
    """Run a command of one of the two programs in ``folder``; ``> FILE`` keeps what it prints."""

    def run(command: str) -> Result:
        command, _, file = command.partition(" > ")
        program, *words = shlex.split(command)
        done = here(folder, lambda: int(PROGRAMS[program](words)))
        if file:
            (folder / file).write_text(done.out, encoding="utf-8")
        return done

    return run
