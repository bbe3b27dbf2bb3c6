"""Help of both programs: in a pipe, and in terminals wide and narrow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from lrac_audit.cli import main as auditor
from reference_models.cli import main as codec
from tests.conftest import ROOT
from tests.sweeps import slow_in_sweep
from tests.terminal import run_on_terminal

PROGRAMS = {"lrac-audit": ("lrac_audit", auditor), "lrac-codec": ("reference_models", codec)}
COMMANDS = [
    (program, entry.name) for program, (_, module) in PROGRAMS.items() for entry in module.COMMANDS
]
DATA_COMMANDS = ["manifest", "curate", "split", "hold-out", "table"]
EVERY_HELP = [
    *(("lrac-audit", ()), ("lrac-codec", ())),
    *((program, (name,)) for program, name in COMMANDS),
    *(("lrac-codec", ("data", name)) for name in DATA_COMMANDS),
]
Help = Callable[..., str]


@pytest.fixture
def plain(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Help:
    """Run a program for its help, in a pipe."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(program: str, *arguments: str) -> str:
        capfd.readouterr()
        assert PROGRAMS[program][1].main(arguments) == 0
        return capfd.readouterr().out

    return run


@pytest.mark.parametrize(("program", "command"), EVERY_HELP)
def test_plain_help_has_usage_and_examples(
    plain: Help, program: str, command: tuple[str, ...]
) -> None:
    text = plain(program, *command, "--help")
    assert text.startswith(f"Usage: {' '.join([program, *command])} [OPTIONS]")
    assert f"\n  {' '.join([program, *command])} ".rstrip() in text.partition("\nExample")[2]
    assert "\x1b" not in text
    assert text == plain(program, *command, "-h")


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_lists_every_command_under_a_heading(plain: Help, program: str) -> None:
    text = plain(program, "--help")
    for entry in PROGRAMS[program][1].COMMANDS:
        under = text.partition(f"\n{entry.panel}:\n")[2].partition("\n\n")[0]
        assert re.search(rf"^  {entry.name} +{entry.summary[:20]}", under, re.MULTILINE)


def test_options_are_grouped(plain: Help) -> None:
    text = plain("lrac-audit", "audit", "--help")
    headings = re.findall(r"^(\w.*):$", text, re.MULTILINE)
    assert headings == ["Arguments", "What is audited", "Evidence", "Output", "Options", "Examples"]


def module(program: str) -> list[str]:
    return [sys.executable, "-m", PROGRAMS[program][0]]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("columns", slow_in_sweep([60, 100], 100))
def test_help_in_a_terminal_is_drawn_within_it(program: str, columns: int) -> None:
    command = PROGRAMS[program][1].COMMANDS[0].name
    for words in ([], ["-h"], [command, "--help"]):
        seen = run_on_terminal([*module(program), *words], columns, folder=ROOT)
        assert seen.code == (0 if words else 2)
        text = re.sub(r"\x1b\[[0-9;]*m", "", seen.terminal)
        assert "╭─ " in text
        assert max(len(line.rstrip()) for line in text.splitlines()) <= columns


def test_both_kinds_of_help_name_the_same_options(plain: Help) -> None:
    seen = run_on_terminal([*module("lrac-audit"), "sheet", "-h"], folder=ROOT).terminal
    drawn = re.sub(r"\x1b\[[0-9;]*m", "", seen)
    option = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
    assert set(option.findall(drawn)) == set(option.findall(plain("lrac-audit", "sheet", "-h")))


def test_a_dumb_terminal_gets_plain_help(plain: Help) -> None:
    dumb = {"TERM": "dumb"}
    seen = run_on_terminal([*module("lrac-audit"), "limits", "-h"], 80, dumb, folder=ROOT)
    assert seen.terminal == plain("lrac-audit", "limits", "-h")


IMPORTED = """
import importlib, json, sys
main = importlib.import_module(sys.argv[1]).main
main(sys.argv[2:])
sys.stdout.flush()
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_imports_no_command_and_nothing_heavy(program: str) -> None:
    package, found = PROGRAMS[program]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, f"{package}.cli.main", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(json.loads(done.stderr))
    names = [f"{package}.cli.{entry.name.replace('-', '_')}" for entry in found.COMMANDS]
    assert f"{package}.cli.main" in modules
    assert not modules & {*names, "rich.console", "torch", "pandas", "numpy", "pydantic", "yaml"}
