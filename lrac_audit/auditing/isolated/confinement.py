"""Confine the running process by what the system gives, and say what it does not give."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from lrac_audit.auditing.isolated import linux_kernel
from lrac_audit.auditing.isolated.process_limits import BYTES_PER_GB, ProcessLimits


class Confinement(NamedTuple):
    """The limits that hold, and those that the system does not give, each with the reason."""

    holds: tuple[str, ...]
    missing: tuple[str, ...]


def confine(limits: ProcessLimits) -> Confinement:
    """Confine this process for the rest of its life; nothing of it can be taken back."""
    steps: dict[str, Callable[[], None]] = {
        f"{limits.memory_gb:g} GB of memory": lambda: _limit_memory(limits),
        "no core dumps": _forbid_core_dumps,
        "files written to a folder of its own alone": _forbid_writing,
        "no signals to other processes": _forbid_signals,
        "no network and no other programs": _forbid_calls,
    }
    holds, missing = [], []
    for name, step in steps.items():
        try:
            step()
            holds.append(name)
        except (OSError, ValueError, ImportError) as error:
            missing.append(f"{name} ({error})")
    return Confinement(tuple(holds), tuple(missing))


def _limit_memory(limits: ProcessLimits) -> None:
    """Bound the memory that the process can write; only Linux counts all of it."""
    _only_linux()
    import resource

    size = int(limits.memory_gb * BYTES_PER_GB)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _forbid_core_dumps() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _forbid_writing() -> None:
    _only_linux()
    _only_one_thread()
    linux_kernel.refuse_writes(tempfile.gettempdir())


def _forbid_signals() -> None:
    _only_linux()
    _only_one_thread()
    linux_kernel.refuse_signals()


def _forbid_calls() -> None:
    _only_linux()
    _only_one_thread()
    linux_kernel.refuse_calls()


def _only_one_thread() -> None:
    """Refuse where another thread runs, which would not be confined."""
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise OSError("other threads run already")


def _only_linux() -> None:
    if not sys.platform.startswith("linux"):
        raise OSError(f"not on {os.name} {sys.platform}")
