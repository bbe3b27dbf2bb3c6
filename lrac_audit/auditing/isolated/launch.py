"""Start the process that measures an untrusted codec, and read its answer.

The answer is JSON that is checked field by field. The codec can put any figures into it: what runs
beside the auditor in one process can deceive it. It cannot do more than that.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, Any, NamedTuple, NoReturn

from lrac_audit.auditing.isolated.confinement import Confinement
from lrac_audit.auditing.isolated.plain_data import NotPlainError, from_plain, to_plain
from lrac_audit.auditing.isolated.process_limits import ProcessLimits
from lrac_audit.errors import InputError, Problem, printable
from lrac_audit.ledger.agreement import Agreement
from lrac_audit.ledger.row import Ledger
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates

WORKER = "lrac_audit.auditing.isolated.worker"
KEPT_VARIABLES = ("LANG", "LC_ALL", "OMP_NUM_THREADS", "PATH", "PYTHONPATH", "SYSTEMROOT")
"""Environment variables that the process gets; others may hold secrets."""
SET_VARIABLES = {"HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
MAX_ANSWER_BYTES = 64 << 20
MAX_MESSAGE_BYTES = 64 << 10
"""The end of what the codec prints is cut off here."""
OUT_OF_MEMORY = ("MemoryError", "can't allocate memory", "Cannot allocate memory", "bad_alloc")


class _Ended(NamedTuple):
    """A process that has ended."""

    exit_code: int | None
    """None where it ran out of time."""
    answer: bytes
    messages: bytes


def measure_isolated(
    source: str,
    arguments: Mapping[str, object],
    bitrate_kbps: float | None,
    limits: ProcessLimits,
    *,
    stated: StatedRates = AS_DECLARED,
    progress: Progress | None = None,
) -> tuple[Ledger, Agreement]:
    """Measure the codec that the factory in ``source`` makes, in a confined process.

    Raises:
        InputError: it cannot be measured, or not within the limits.
    """
    (progress or tell_nobody)("measuring in a process of its own")
    request = {
        "source": source,
        "arguments": dict(arguments),
        "bitrate_kbps": bitrate_kbps,
        "limits": to_plain(limits),
        "stated": to_plain(stated),
    }
    ended = _run(json.dumps(request).encode(), limits.time_s)
    sys.stderr.write("".join(f"{printable(line)}\n" for line in _lines(ended.messages)))
    if ended.exit_code is None:
        _refuse(source, f"no result in {limits.time_s:g} s", "a longer --time-limit")
    try:
        answer = json.loads(ended.answer, parse_constant=_no_number)
        return _result(source, answer, limits)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        _explain(source, ended, limits, error)


def _run(request: bytes, time_s: float) -> _Ended:
    """Run the process to its end, or to the end of its time."""
    with TemporaryDirectory() as folder:
        return _run_in(folder, request, time_s)


def _run_in(folder: str, request: bytes, time_s: float) -> _Ended:
    """Run the process with ``folder`` for its temporary files."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**kept, **SET_VARIABLES, "TMPDIR": folder, "TEMP": folder},
        start_new_session=True,
        bufsize=0,
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    answer, messages = bytearray(), bytearray()
    readers = [
        Thread(target=_read, args=(process.stdout, answer, MAX_ANSWER_BYTES), daemon=True),
        Thread(target=_read, args=(process.stderr, messages, MAX_MESSAGE_BYTES), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        process.stdin.write(request)
        process.stdin.close()
        code: int | None = process.wait(time_s)
    except subprocess.TimeoutExpired:
        code = None
    except BrokenPipeError:  # it ended before it had read its request
        code = process.wait()
    finally:
        _end(process)
    for reader in readers:
        reader.join(1)
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    return _Ended(code, bytes(answer), bytes(messages))


def _read(stream: IO[bytes], into: bytearray, most: int) -> None:
    """Read a stream to its end, and keep the first bytes of it."""
    while piece := stream.read(1 << 16):
        into += piece[: max(0, most - len(into))]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and the processes that it started."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
    else:
        process.kill()
    process.wait()


def _lines(messages: bytes) -> list[str]:
    return messages.decode(errors="backslashreplace").splitlines()


def _no_number(constant: str) -> NoReturn:
    raise NotPlainError(f"{constant} is no number")


def _result(source: str, answer: dict[str, Any], limits: ProcessLimits) -> tuple[Ledger, Agreement]:
    """Return the ledger and the agreement in an answer, with a remark on what confined it."""
    if "error" in answer:
        problems = from_plain(tuple[Problem, ...], answer["error"]["problems"])
        raise InputError(source, problems)
    if "out_of_memory" in answer:
        _refuse(source, f"more than {limits.memory_gb:g} GB of memory", "a higher --memory-limit")
    ledger: Ledger = from_plain(Ledger, answer["ledger"])
    agreement: Agreement = from_plain(Agreement, answer["agreement"])
    confinement = from_plain(Confinement, answer["confinement"])
    return ledger, agreement._replace(remarks=(*agreement.remarks, *_remarks(confinement, limits)))


def _remarks(confinement: Confinement, limits: ProcessLimits) -> list[str]:
    held = ", ".join((f"{limits.time_s:g} s", *confinement.holds))
    found = [f"Measured in a process of its own: {held}."]
    if confinement.missing:
        found.append(f"Not to be had on this system: {'; '.join(confinement.missing)}.")
    return found


def _explain(source: str, ended: _Ended, limits: ProcessLimits, error: Exception) -> NoReturn:
    """Say why a process ended without an answer that can be read."""
    text = ended.messages.decode(errors="replace")
    if ended.exit_code == -signal.SIGKILL or any(word in text for word in OUT_OF_MEMORY):
        given = f"ended, probably for want of memory (limit {limits.memory_gb:g} GB)"
        _refuse(source, given, "a higher --memory-limit")
    if ended.exit_code:
        given = f"ended with exit code {ended.exit_code} and without a result"
        _refuse(source, given, "a codec that leaves its process alone")
    _refuse(source, f"a result that cannot be read: {error}", "a codec that leaves it alone")


def _refuse(source: str, given: str, allowed: str) -> NoReturn:
    raise InputError(source, [Problem("measuring it in a process of its own", given, allowed)])
