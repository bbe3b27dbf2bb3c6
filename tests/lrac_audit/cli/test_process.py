"""What only a real process shows: what is imported, pipes, colours, interruption."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from shlex import quote

import pytest

from tests.conftest import ROOT
from tests.terminal import run_on_terminal

PROGRAM = [sys.executable, "-m", "lrac_audit"]
HEAVY = ("torch", "pandas", "openpyxl", "xlsxwriter", "numpy", "fvcore")

CLOSED_FORM = (
    "convert tests/data/espnet_sample.yaml OUT",
    "audit track1",
    "audit tests/data/espnet_sample.yaml --format json",
    "check track1 track2",
    "codecs",
    "paper",
    "reconcile track2 --stage decoder --published 563.3",
)
RUN_AND_LIST_MODULES = """
import json, shlex, sys
from lrac_audit.cli.main import main
for command in sys.argv[1:]:
    code = main(shlex.split(command))
    sys.stdout.flush()
    print(json.dumps([command, code, sorted(sys.modules)]), file=sys.stderr)
"""


def test_the_closed_form_imports_nothing_heavy(tmp_path: Path) -> None:
    """All in one process, so that what one command imports is seen after it and no other."""
    commands = [
        command.replace("OUT", quote(str(tmp_path / "out.yaml"))) for command in CLOSED_FORM
    ]
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST_MODULES, *commands],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [command for command, _, _ in found] == commands
    for command, code, modules in found:
        assert (command, code, set(HEAVY) & set(modules)) == (command, 0, set())
    assert "lrac_audit.ledger.walk" in found[-1][-1]


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    script = (
        "import sys, lrac_audit; print([m for m in sys.modules if m.startswith('lrac_audit.')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "['lrac_audit.errors']"


def test_the_base_install_needs_no_torch() -> None:
    base = [line for line in requires("lrac-audit") or [] if "extra ==" not in line]
    names = {line.split(">")[0].strip().lower() for line in base}
    assert names == {*("typer", "rich", "pyyaml", "pandas", "openpyxl", "defusedxml", "xlsxwriter")}


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"'{sys.executable}' -m lrac_audit check track2 --rvq projected | head -n 1; "
    done = subprocess.run(
        ["bash", "-c", command + "echo ${PIPESTATUS[0]}"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "1"


def test_colours_on_a_terminal_and_nowhere_else() -> None:
    command = [*PROGRAM, "check", "track1"]
    assert "\x1b[32mpass" in run_on_terminal(command, folder=ROOT).terminal
    for silent in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        found = run_on_terminal(command, environment=silent, folder=ROOT)
        assert "\x1b" not in found.terminal
        assert "pass" in found.terminal
    piped = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert "\x1b" not in piped.stdout


def test_names_that_a_terminal_cannot_show_do_not_fail(tmp_path: Path) -> None:
    text = (ROOT / "lrac_audit/presets/track1.yaml").read_text(encoding="utf-8")
    path = tmp_path / "design.yaml"
    path.write_text(text.replace("LRAC 2025 Track 1 baseline", "声码器 één"), encoding="utf-8")
    done = subprocess.run(
        [*PROGRAM, "audit", str(path)],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert rb"\u58f0" in done.stdout


ENDING = """
import atexit, sys, threading, time
from lrac_audit.console.program import end_process
class Kept:
    def __del__(self):
        sys.stderr.write("freed ")
kept = Kept()
kept.itself = kept
atexit.register(sys.stderr.write, "registered ")
"""
THREAD = """
def late():
    time.sleep(0.3)
    sys.stderr.write("thread ")
threading.Thread(target=late).start()
"""


@pytest.mark.parametrize(
    ("more", "written"), [("", "registered "), (THREAD, "thread registered freed ")]
)
def test_a_process_ends_without_freeing_objects_but_not_before_its_threads(
    more: str, written: str
) -> None:
    script = f"{ENDING}{more}sys.stdout.write('x' * 9000)\nend_process(3)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, len(done.stdout), done.stderr) == (3, 9000, written)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device without space")
def test_output_that_cannot_be_written_is_no_success() -> None:
    script = "from lrac_audit.console.program import end_process; print('x'); end_process(0)"
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=full, stderr=subprocess.PIPE, env=buffered
        )
    assert done.returncode == 120
    assert b"No space left" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device without space")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("audit", "track1"), ("audit", "--help"), ("--help",), ()])
def test_a_full_disk_is_one_message_and_no_broken_limit(
    words: tuple[str, ...], unbuffered: str
) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, env=environment, cwd=ROOT
        )
    assert done.stderr == (
        b"error: standard output: given a stream that fails: No space left on device; "
        b"allowed: one that takes all\n"
    )
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("command", "code"),
    [("check track1 >&-", 0), ("audit nofile >&- 2>&-", 2), ("--help | true", 0)],
)
def test_streams_that_are_closed_are_no_error(command: str, code: int) -> None:
    script = f"'{sys.executable}' -m lrac_audit {command}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == (f"{code}\n", "")
