"""What only a terminal shows: progress, coloured messages, and output at its width."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.terminal import run_on_terminal

PROGRAM = [sys.executable, "-m", "lrac_audit"]

STEPS = """
import time
from lrac_audit.console.output import say
from lrac_audit.console.progress import progress_steps
with progress_steps() as tell:
    if tell is not None:
        tell("first step")
        time.sleep(0.3)
        tell("second [bold]step")
        time.sleep(0.3)
say("done\\n")
"""


def test_steps_are_shown_and_taken_away() -> None:
    seen = run_on_terminal([sys.executable, "-c", STEPS], pipe_output=True, folder=ROOT)
    assert (seen.code, seen.piped) == (0, "done\n")
    assert seen.terminal.index("first step") < seen.terminal.index("second [bold]step")
    assert seen.terminal.rstrip("\r").endswith("\x1b[2K")  # the line is erased at the end


@pytest.mark.parametrize("environment", [{}, {"TERM": "dumb"}])
def test_steps_are_not_shown_elsewhere(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", STEPS]
    if environment:
        seen = run_on_terminal(command, environment=environment, pipe_output=True, folder=ROOT)
        assert (seen.piped, seen.terminal) == ("done\n", "")
    else:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert (done.stdout, done.stderr) == ("done\n", "")


BAR = """
import time
from lrac_audit.console.output import say
from lrac_audit.console.progress import named_progress_bar
with named_progress_bar("auditing", 4) as bar:
    bar.tell("the [bold]first")
    bar.advance(1)
    time.sleep(0.3)
say("done\\n")
"""


def test_a_bar_names_its_step_and_is_taken_away() -> None:
    command = [sys.executable, "-c", BAR]
    seen = run_on_terminal(command, pipe_output=True, folder=ROOT)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen.terminal)
    assert "auditing: the [bold]first" in text
    assert " 25%" in text
    assert seen.terminal.endswith("\x1b[2K")
    assert seen.piped == "done\n"
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_errors_are_coloured_on_a_terminal_alone() -> None:
    command = [*PROGRAM, "audit", "nowhere"]
    assert run_on_terminal(command, folder=ROOT).terminal.startswith("\x1b[1;31merror\x1b[0m: ")
    silent = run_on_terminal(command, environment={"NO_COLOR": "1"}, folder=ROOT)
    assert silent.terminal.startswith("error: nowhere: given no such file")
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.startswith("error: nowhere: given no such file")


def test_output_to_a_file_is_plain_even_from_a_terminal(tmp_path: Path) -> None:
    command = [*PROGRAM, "check", "track1", "-o", tmp_path / "out.txt"]
    assert run_on_terminal(command, 60, folder=ROOT) == (0, "", "")
    piped = subprocess.run([*PROGRAM, "check", "track1"], capture_output=True, text=True, cwd=ROOT)
    assert (tmp_path / "out.txt").read_text() == piped.stdout


def test_columns_are_honoured_in_a_pipe_and_in_a_terminal() -> None:
    narrow = {"COLUMNS": "60"}
    seen = run_on_terminal([*PROGRAM, "audit", "track1"], 120, narrow, folder=ROOT)
    text = re.sub(r"\x1b\[[0-9;]*m", "", seen.terminal)
    assert max(map(len, text.splitlines())) == 60
    wide = run_on_terminal([*PROGRAM, "audit", "track1"], 120, folder=ROOT)
    assert "Rate Hz" in wide.terminal
    assert "Share of total" in wide.terminal
    for environment, longest in ((narrow, 60), ({}, 79)):
        done = subprocess.run(
            [*PROGRAM, "audit", "track1"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k != "COLUMNS"} | environment,
        )
        assert 54 <= max(map(len, done.stdout.splitlines())) <= longest
