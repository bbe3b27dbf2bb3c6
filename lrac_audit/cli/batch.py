"""Audits of many targets, on several processes where that is asked for."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.console.progress import named_progress_bar
from lrac_audit.errors import InputError, Problem
from lrac_audit.progress import Progress, tell_nobody

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    from lrac_audit.auditing.audit import Audit

MOST_AT_ONCE = 16
"""Audits that a process is given at a time, so that handing them over takes little."""
PATIENCE_S = 2
"""How long an interrupted process may take to end what it has started."""
POLL_S = 0.02


class Task(NamedTuple):
    """One audit to be made."""

    request: AuditRequest
    target: str


def outcomes(tasks: Sequence[Task], processes: int) -> list[Audit | InputError]:
    """Return the audit of each task, or why there is none, in the order of the tasks.

    No more processes are started than there are cores; one alone is this process. A terminal shows
    how far the work is.

    Raises:
        InputError: a process ended without a result.
    """
    if len(tasks) == 1:
        return [_outcome(tasks[0], None)]
    processes = min(processes, len(tasks), _cores())
    with named_progress_bar("auditing", len(tasks)) as bar:
        if processes > 1:
            return _in_processes(tasks, processes, bar.advance)
        found = []
        for task in tasks:
            found.append(_outcome(task, bar.tell))
            bar.advance(1)
        return found


def _outcome(task: Task, progress: Progress | None) -> Audit | InputError:
    try:
        return task.request.audit(task.target, progress)
    except InputError as error:
        return error


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _in_processes(
    tasks: Sequence[Task], processes: int, advance: Callable[[int], object]
) -> list[Audit | InputError]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # New interpreters: a copy of this one would hold the locks of threads that it does not have.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _Interrupts.begin)
    found = []
    try:
        with _interrupts_held():  # while the processes start
            pending = pool.map(_outcome_apart, tasks, chunksize=_at_once(tasks, processes))
        for outcome in pending:
            found.append(outcome)
            advance(1)
    except BrokenProcessPool:
        given = f"a process that ended without a result, after {len(found)} audits"
        allowed = "--isolated for codecs that may end it, or fewer --jobs where memory is short"
        raise InputError("options", [Problem("--jobs", given, allowed)]) from None
    except BaseException:
        _interrupt(pool)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _at_once(tasks: Sequence[Task], processes: int) -> int:
    from lrac_audit.auditing.targets import is_measured

    if any(is_measured(task.target) for task in tasks):
        return 1  # which takes so long that the others should not wait behind it
    return max(1, min(MOST_AT_ONCE, len(tasks) // (4 * processes)))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold interrupts back until the end of the block, and from the processes that it starts.

    Blocked signals are for those processes, which inherit that. This one needs a handler as well:
    another of its threads may take the signal, which Python then hands to the main thread.
    """
    if os.name != "posix":
        yield
        return
    come: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: come.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if come and callable(handler):
        handler(come[0], None)


class _Interrupts:
    """Interrupts of a process of the pool.

    They end an audit, with what it has started, and all that follow. In between they are ignored:
    the pool would wait for ever for the rest of a result that was half sent.
    """

    have_come = False

    @staticmethod
    def begin() -> None:
        """Ignore the interrupts that were held back while the process started."""
        _Interrupts.ignore()
        if os.name == "posix":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    @staticmethod
    def ignore() -> None:
        """Ignore interrupts until the next audit."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    @staticmethod
    def heed() -> None:
        """Let interrupts end the audit that begins."""
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _outcome_apart(task: Task) -> Audit | InputError:
    """Audit in a process of the pool."""
    try:
        _Interrupts.heed()
        if not _Interrupts.have_come:
            return _outcome(task, tell_nobody)
    except KeyboardInterrupt:
        _Interrupts.have_come = True
    finally:
        _Interrupts.ignore()
    raise KeyboardInterrupt


def _interrupt(pool: ProcessPoolExecutor) -> None:
    """Interrupt the audits in the pool, and end the processes that go on all the same."""
    from multiprocessing import active_children

    results: Any = pool._result_queue  # the pool forgets it at the next line
    pool.shutdown(wait=False, cancel_futures=True)
    for child in active_children():
        if child.pid is not None and os.name == "posix":
            os.kill(child.pid, signal.SIGINT)
    until = time.monotonic() + PATIENCE_S
    while active_children() and time.monotonic() < until:
        time.sleep(POLL_S)
    for child in active_children():
        child.kill()
    # One that was sending leaves half a result. The pool's thread would wait for the rest for ever,
    # as long as this process could write it.
    results._writer.close()
