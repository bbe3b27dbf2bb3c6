"""The page about the command line does what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from lrac_audit.cli.main import COMMANDS
from tests.conftest import ROOT, Result

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
Run = Callable[..., Result]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = blocks("bash")
    commands = block.splitlines()
    assert len(commands) == 7
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "lrac-audit"
        assert run(*arguments).code == 0, command
    assert {path.name for path in tmp_path.iterdir()} == {"audit.xml", "audit.json"}


def test_the_error_of_the_page_is_the_programs(run: Run) -> None:
    (block,) = blocks("text")
    command, message = re.fullmatch(r"\$ lrac-audit (.*)\n(.*)\n", block).groups()  # type: ignore[union-attr]
    found = run(*shlex.split(command))
    assert (found.code, found.err.strip()) == (2, message)


def test_every_command_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)
    assert rows == [entry.name for entry in COMMANDS]
