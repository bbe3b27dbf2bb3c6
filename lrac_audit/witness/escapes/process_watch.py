"""Watch for threads and processes that a run starts or gives work to."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, wraps
from typing import Any

PROCESS_EVENTS = frozenset(
    [
        "subprocess.Popen",
        "os.system",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.exec",
        "_winapi.CreateProcess",
    ]
)
"""Audit events of Python that announce another process."""
LAZY_STARTERS = (
    ("concurrent.futures.thread", "ThreadPoolExecutor", "submit", "thread"),
    ("concurrent.futures.process", "ProcessPoolExecutor", "submit", "process"),
    ("multiprocessing.process", "BaseProcess", "start", "process"),
)
"""Methods that start a thread or a process, or give one work, by module, class and method."""

Started = Callable[[str], None]

_watchers: list[Started] = []


@contextmanager
def starts_watched(started: Started) -> Iterator[None]:
    """Call ``started`` with ``thread`` or ``process`` whenever one is started or given work.

    Only calls of the thread that watches count. A process is announced by an audit event. Threads
    have no such event before Python 3.13, so the functions that start them are wrapped.
    """
    _install_hook()
    watching = threading.get_ident()

    def noticed(what: str) -> None:
        if threading.get_ident() == watching:
            started(what)

    _watchers.append(noticed)
    try:
        with ExitStack() as stack:
            for owner, name, what in _starters():
                stack.enter_context(_wrapped(owner, name, what, noticed))
            yield
    finally:
        _watchers.remove(noticed)


def _starters() -> Iterator[tuple[Any, str, str]]:
    """Yield the owner and name of each function that starts something, and a word for that."""
    yield threading.Thread, "start", "thread"
    yield _thread, "start_new_thread", "thread"
    for module, class_name, method, what in LAZY_STARTERS:
        if module in sys.modules:
            yield getattr(sys.modules[module], class_name), method, what


@contextmanager
def _wrapped(owner: Any, name: str, what: str, noticed: Started) -> Iterator[None]:
    """Make a function call ``noticed`` first, for a while."""
    original = getattr(owner, name)

    @wraps(original)
    def run(*args: Any, **kwargs: Any) -> Any:
        noticed(what)
        return original(*args, **kwargs)

    setattr(owner, name, run)
    try:
        yield
    finally:
        setattr(owner, name, original)


@cache
def _install_hook() -> None:
    """Install the hook, once: Python lets nobody remove one."""
    sys.addaudithook(_on_event)


def _on_event(event: str, _: tuple[Any, ...]) -> None:
    if _watchers and event in PROCESS_EVENTS:
        for noticed in tuple(_watchers):
            noticed("process")
