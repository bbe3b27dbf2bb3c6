"""Find the pages and the fenced blocks in them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ON_ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""For torch: beside other tests, its threads would wait for each other."""
CHANGE_OUTPUT = {"GITHUB_STEP_SUMMARY", "COLUMNS", "NO_COLOR", "FORCE_COLOR"}
"""Variables of the environment that change what the programs print."""
PROGRAMS = {"lrac-audit": "lrac_audit", "lrac-codec": "reference_models"}


@dataclass(frozen=True)
class Block:
    """A fenced block: the page's file name, the language after the fence, and the text."""

    page: str
    language: str
    text: str


def blocks(page: str | None = None, *languages: str) -> list[Block]:
    """Return the fenced blocks of one page or of all, in these languages or in all."""
    found = [
        Block(path.name, language, text)
        for path in PAGES
        for language, text in re.findall(
            r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
    ]
    return [
        block
        for block in found
        if page in (None, block.page) and (not languages or block.language in languages)
    ]


def commands(page: str | None = None) -> list[str]:
    """Return the commands of the shell blocks, with continued lines joined."""
    lines = (block.text.replace("\\\n", " ").splitlines() for block in blocks(page, "bash", "sh"))
    return [" ".join(line.split("#")[0].split()) for found in lines for line in found]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of one of the two programs in ``folder``; ``> FILE`` keeps what it prints."""
    command, _, file = command.partition(" > ")
    words = shlex.split(command)
    environment = {k: v for k, v in os.environ.items() if k not in CHANGE_OUTPUT}
    done = subprocess.run(
        [sys.executable, "-m", PROGRAMS[words[0]], *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment | ON_ONE_THREAD | {"PYTHONPATH": str(ROOT)},
    )
    if file:
        (folder / file).write_text(done.stdout, encoding="utf-8")
    return done
