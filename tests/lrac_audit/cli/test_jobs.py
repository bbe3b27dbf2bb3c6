"""Audits on several processes: the same results, and a clean end in every case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from lrac_audit.cli import batch
from lrac_audit.errors import InputError
from lrac_audit.presets import preset_path
from tests.conftest import ROOT, Result

Run = Callable[..., Result]
INTERRUPTED = """
import signal

from lrac_audit.cli import batch
from tests.lrac_audit.cli.test_jobs import Sleeping

signal.signal(signal.SIGINT, signal.default_int_handler)  # which jobs of a shell may ignore
batch._cores = lambda: 2
batch.outcomes([batch.Task(Sleeping(), str(n)) for n in range(5)], 2)
"""


class Dying:
    """Stands for an audit that ends its process."""

    def audit(self, *_: object) -> None:
        os._exit(7)


class Sleeping:
    """Stands for a long audit that names its process when it begins, and says that it ended."""

    def audit(self, *_: object) -> None:
        try:
            os.write(1, f"{os.getpid()}\n".encode())  # at once, since two processes write
            time.sleep(60)
        finally:
            os.write(1, b"ended\n")


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_cores", lambda: 2)


def tasks(request: Any, count: int = 2) -> list[batch.Task]:
    return [batch.Task(request, "track1")] * count


@pytest.mark.usefixtures("two_cores")
def test_results_do_not_depend_on_the_number_of_processes(run: Run, tmp_path: Path) -> None:
    targets = ["track1", "nowhere.yaml", *["track2", "dac-16khz"] * 3, tmp_path]
    one, two = (run("check", *targets, "-f", "json", "--jobs", n) for n in (1, 2))
    assert (one.code, one.out.count('"verdict"')) == (2, 7)
    assert two == one


@pytest.mark.usefixtures("two_cores")
def test_a_process_that_dies_is_one_message() -> None:
    with pytest.raises(InputError, match="--jobs: given a process that ended without a result"):
        batch.outcomes(tasks(Dying()), 2)


def test_no_more_processes_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one core the audits run in this process, where a local class can be used."""

    class Local:
        def audit(self, *_: object) -> int:
            return os.getpid()

    monkeypatch.setattr(batch, "_cores", lambda: 1)
    assert batch.outcomes(tasks(Local(), 3), 8) == [os.getpid()] * 3


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX systems do")
def test_an_interrupt_ends_all_processes_silently() -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        children = [int(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert out == b"ended\n" * 2  # none was killed, and no other one began
    assert err.splitlines()[-1] == b"KeyboardInterrupt"  # of the one process, which is no program
    assert err.count(b"Traceback (most recent call last)") == 1
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX systems do")
def test_an_interrupt_waits_until_all_processes_have_started() -> None:
    """Also where another thread of the process takes it, as those of linear algebra may."""
    ended = Event()
    thread = Thread(target=ended.wait)
    thread.start()
    is_started = False

    def start() -> None:
        nonlocal is_started
        with batch._interrupts_held():
            signal.pthread_kill(thread.ident, signal.SIGINT)
            until = time.monotonic() + 0.2
            while time.monotonic() < until:
                pass
            is_started = True

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            start()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
        ended.set()
        thread.join()
    assert is_started


@pytest.mark.parametrize("number", ["0", "-1", "x"])
def test_a_number_of_processes_is_positive(run: Run, number: str) -> None:
    found = run("check", "track1", "--jobs", number)
    assert (found.code, found.out) == (2, "")
    assert "--jobs" in found.err


@pytest.fixture(scope="module")
def many_designs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 2,000 designs, whose audits take longer than any test waits."""
    folder = tmp_path_factory.mktemp("many")
    text = preset_path("track1").read_text(encoding="utf-8")
    for n in range(2000):
        (folder / f"{n:04}.yaml").write_text(f"{text}\n# {n}\n", encoding="utf-8")
    return folder


@pytest.mark.sweep
@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX systems do")
@pytest.mark.parametrize("tenths", [3, 6, 10, 25])  # at the start of processes, and long after it
@pytest.mark.parametrize("for_all", [True, False], ids=["all processes", "the program alone"])
def test_an_interrupt_at_any_time_is_one_word(
    many_designs: Path, tenths: int, for_all: bool
) -> None:
    """A terminal interrupts all processes, ``kill`` the program alone."""
    command = [sys.executable, "-m", "lrac_audit", "check", str(many_designs), "--jobs", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
        time.sleep(0.5 + tenths / 10)
        (os.killpg if for_all else os.kill)(process.pid, signal.SIGINT)
        try:
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()  # or a program that hangs would hang the test too
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
