"""An untrusted codec is measured in a process of its own that can do little else."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lrac_audit import audit
from lrac_audit.auditing.isolated.plain_data import NotPlainError, from_plain, to_plain
from lrac_audit.auditing.isolated.process_limits import ProcessLimits
from lrac_audit.errors import InputError
from lrac_audit.ledger.row import Ledger, Row
from tests.lrac_audit.auditing import hostile

HOSTILE = f"python:{hostile.__name__}"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines processes")
CONFINED = """
import sys, os
from lrac_audit.auditing.isolated.confinement import confine
from lrac_audit.auditing.isolated.process_limits import ProcessLimits
found = confine(ProcessLimits(memory_gb=1.0))
assert len(found.holds) == 5, found
try:
    exec(sys.argv[1])
    print("done")
except Exception as error:
    print(type(error).__name__)
"""


def confined(code: str, folder) -> str:
    """What comes of ``code`` in a confined process whose temporary files go to ``folder``."""
    command = [sys.executable, "-c", CONFINED, code]
    environment = {"TMPDIR": str(folder), "PATH": "/usr/bin:/bin"}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return found.stdout.strip() or found.stderr


@LINUX
@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("import socket; socket.socket()", "PermissionError"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("import socket; socket.socket(socket.AF_UNIX)", "PermissionError"),
        ("import socket; a, b = socket.socketpair()", "done"),
        ("import subprocess; subprocess.run(['/bin/true'])", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("open('OUTSIDE/new', 'w')", "PermissionError"),
        ("open('OUTSIDE/old', 'a')", "PermissionError"),
        ("os.remove('OUTSIDE/old')", "PermissionError"),
        ("os.rename('OUTSIDE/old', 'OUTSIDE/other')", "PermissionError"),
        ("os.mkdir('OUTSIDE/folder')", "PermissionError"),
        ("os.truncate('OUTSIDE/old', 0)", "PermissionError"),
        ("os.symlink('/etc/passwd', 'OUTSIDE/link')", "PermissionError"),
        ("os.kill(os.getppid(), 0)", "PermissionError"),
        ("os.setpgid(0, 0)", "PermissionError"),
        ("open('OUTSIDE/old').read()", "done"),
        ("import tempfile; tempfile.NamedTemporaryFile().write(b'x')", "done"),
        ("open(os.devnull, 'w').write('x')", "done"),
        ("bytearray(2**31)", "MemoryError"),
        ("bytearray(2**28)", "done"),
        ("pid = os.fork() or os._exit(0); os.waitpid(pid, 0)", "done"),
        ("import threading; t = threading.Thread(target=print); t.start(); t.join()", "done"),
    ],
)
def test_a_confined_process_can_do(code: str, result: str, tmp_path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "old").write_text("x")
    assert confined(code.replace("OUTSIDE", str(outside)), inside) == result
    assert (outside / "old").read_text() == "x"
    assert [path.name for path in outside.iterdir()] == ["old"]


@pytest.mark.sweep  # two processes measure a codec
def test_the_result_is_that_of_this_process(monkeypatch, capsys) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "secret")
    here = audit(f"{HOSTILE}:honest").document()
    there = audit(f"{HOSTILE}:curious", isolated=ProcessLimits()).document()
    remarks = there["witnesses"].pop("remarks")
    assert any("in a process of its own" in remark for remark in remarks)
    here["witnesses"].pop("remarks")
    here["design"]["source"] = there["design"]["source"]
    assert there == here
    printed = capsys.readouterr()
    assert printed.out == "" and "no secret" in printed.err and "\x1b" not in printed.err


@pytest.mark.parametrize(
    ("factory", "limits", "given"),
    [
        ("endless", ProcessLimits(time_s=2), "no result in 2 s"),
        pytest.param("fails", ProcessLimits(), "RuntimeError: no weights", marks=pytest.mark.sweep),
        pytest.param("leaves", ProcessLimits(), "ended with exit code 5", marks=pytest.mark.sweep),
        pytest.param(
            "forges", ProcessLimits(), "a result that cannot be read", marks=pytest.mark.sweep
        ),
        pytest.param(
            *("greedy", ProcessLimits(memory_gb=3), "memory"), marks=[LINUX, pytest.mark.sweep]
        ),
    ],
)
def test_one_error_says_what_happened(factory: str, limits: ProcessLimits, given: str) -> None:
    with pytest.raises(InputError) as raised:
        audit(f"{HOSTILE}:{factory}", isolated=limits)
    assert len(raised.value.problems) == 1
    assert given in raised.value.problems[0].given


def test_an_object_cannot_be_isolated() -> None:
    with pytest.raises(InputError, match="in this process already"):
        audit(hostile.honest(), isolated=ProcessLimits())


def test_limits_that_no_codec_keeps_are_refused_at_once() -> None:
    with pytest.raises(InputError) as raised:
        ProcessLimits(time_s=0, memory_gb=0.5).checked()
    assert [problem.field for problem in raised.value.problems] == [
        "--time-limit",
        "--memory-limit",
    ]


def test_a_ledger_comes_back_from_plain_data_as_it_was() -> None:
    ledger = audit("track1").ledger
    plain = json.loads(json.dumps(to_plain(ledger)))
    assert from_plain(Ledger, plain) == ledger


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 3),
        ("side", "both"),
        ("runs_per_frame", 1.5),
        ("runs_per_frame", True),
        ("work", {"conv": "many"}),
        ("work", [["conv", 3]]),
        ("geometry", {"channels_in": 1}),
        ("geometry", None),
        ("past_samples", "all"),
        ("problem", None),
    ],
)
def test_a_field_of_another_type_is_refused(field: str, value: object) -> None:
    plain = json.loads(json.dumps(to_plain(audit("track1").ledger.rows[0])))
    with pytest.raises(NotPlainError, match=f"result.{field}"):
        from_plain(Row, {**plain, field: value})


def test_missing_and_additional_fields_are_refused() -> None:
    plain = to_plain(audit("track1").ledger.rows[0])
    for wrong in ({**plain, "more": 1}, {"name": "x"}, [], None, "x"):
        with pytest.raises(NotPlainError):
            from_plain(Row, wrong)


def test_texts_are_made_printable() -> None:
    assert from_plain(str, "a\x1b[2Jb") == "a\\x1b[2Jb"
