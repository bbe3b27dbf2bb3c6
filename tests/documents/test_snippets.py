"""Every command and every piece of code in the documentation runs, or is excepted with a reason."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.documents.blocks import ON_ONE_THREAD, PAGES, PROGRAMS, Block, blocks, commands, run
from tests.documents.exceptions import (
    NOT_RUN,
    READ_BY_A_TEST,
    RUN_ELSEWHERE,
    SHOWN_ONLY,
    excepted,
)

CODE = {"console", "python", "bash", "sh"}
WITH_SESSIONS = sorted({block.page for block in blocks(None, "console")})
WITH_COMMANDS = sorted({block.page for block in blocks(None, "bash", "sh")} - set(RUN_ELSEWHERE))


def sessions(page: str) -> list[tuple[str, str]]:
    """Return each ``$ command`` of a page with the output printed under it."""
    found = []
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.mark.parametrize("page", WITH_SESSIONS)
def test_console_sessions_print_what_the_page_shows(page: str, folder: Path) -> None:
    """One after the other in one folder, since a command may use what an earlier one wrote."""
    assert sessions(page)
    for command, output in sessions(page):
        done = run(command, folder)
        printed, other = done.stdout, done.stderr
        if output.startswith("error: "):
            printed, other = other, printed
        assert other == "", command
        parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", output, flags=re.MULTILINE)]
        assert re.fullmatch(r"(?:.*\n)*".join(parts), printed), (command, printed)


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_commands_of_the_page_run(page: str, folder: Path) -> None:
    """A gate may find a limit broken or evidence missing; no command is a wrong one."""
    for command in commands(page):
        if not excepted(command):
            done = run(command, folder)
            allowed = (0, 1, 3) if command.startswith("lrac-audit check") else (0,)
            assert done.returncode in allowed, (command, done.stderr)


@pytest.mark.parametrize("block", blocks(None, "python"), ids=lambda block: block.page)
def test_python_snippets_run(block: Block) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | ON_ONE_THREAD,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_block_is_run_read_or_excepted() -> None:
    others = {(b.page, b.language) for b in blocks() if b.language not in CODE}
    assert others == READ_BY_A_TEST | set(SHOWN_ONLY)


def test_every_exception_is_needed() -> None:
    every = commands()
    unused = [start for start in NOT_RUN if not any(c.startswith(start) for c in every)]
    assert unused == []
    for page, test in RUN_ELSEWHERE.items():
        assert commands(page)
        assert page in (ROOT / test).read_text(encoding="utf-8")


def test_every_excepted_command_has_its_options(tmp_path: Path) -> None:
    pages = [page.name for page in PAGES if page.name not in RUN_ELSEWHERE]
    excepted_ones = [c for page in pages for c in commands(page) if excepted(c)]
    own = [c for c in excepted_ones if c.split()[0] in PROGRAMS]
    assert own
    for command in own:
        program, name, *words = command.split()
        subcommand = [words[0]] if name == "data" else []
        helped = run(" ".join([program, name, *subcommand, "--help"]), tmp_path)
        for option in re.findall(r"(?<= )--?[a-z][a-z-]*", command):
            assert re.search(rf"{option}\b", helped.stdout), (command, option)
