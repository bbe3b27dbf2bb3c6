"""Take rights away from the running process on Linux, which needs no privileges.

``seccomp`` makes system calls fail: there are no sockets and no other programs. ``Landlock`` makes
every opening of a file for writing fail. Both last until the process ends, and children inherit
them. Where the kernel or the architecture lacks one, the function raises ``OSError``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from collections.abc import Mapping
from typing import NamedTuple

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

LOAD_WORD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
OFFSET_OF_NUMBER, OFFSET_OF_ARCHITECTURE = 0, 4
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
OTHER_TABLE = 0x40000000
"""Numbers from here on call the same functions by another table, on x86-64."""

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
RULE_PATH_BENEATH = 1
WRITE_FILE = 1 << 1
ALL_WRITES = (
    WRITE_FILE | sum(1 << bit for bit in range(4, 13))  # remove, make of every kind
)
REFER, TRUNCATE = 1 << 13, 1 << 14
ABSTRACT_SOCKETS, SIGNALS = 1, 2
SCOPES_SINCE = 6
"""The version of Landlock that came to know these two."""


class Architecture(NamedTuple):
    """The number of an architecture in filters, and those of system calls that are refused."""

    audit_number: int
    refused: tuple[int, ...]
    """socket, execve, execveat, ptrace, process_vm_writev, io_uring_setup, and setsid and setpgid,
    by which a process would leave the group that is ended with it."""


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, (41, 59, 322, 101, 311, 425, 112, 109)),
    "aarch64": Architecture(0xC00000B7, (198, 221, 281, 117, 271, 425, 157, 154)),
}


class _Filter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filters", ctypes.POINTER(_Filter)))


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def refuse_calls() -> None:
    """Make sockets, other programs and what reaches beyond the processes of this group fail.

    Raises:
        OSError: the kernel or the architecture has no such filters.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if architecture is None:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    lines = _filter_lines(architecture)
    filters = (_Filter * len(lines))(*(_Filter(*line) for line in lines))
    program = _Program(len(lines), filters)
    _no_new_privileges()
    _checked(_libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)))


def _filter_lines(architecture: Architecture) -> list[tuple[int, int, int, int]]:
    """Return the program that is run for each system call: operation, jumps, value."""
    calls = architecture.refused
    lines = [
        (LOAD_WORD, 0, 0, OFFSET_OF_ARCHITECTURE),
        (JUMP_EQUAL, 0, len(calls) + 3, architecture.audit_number),
        (LOAD_WORD, 0, 0, OFFSET_OF_NUMBER),
        (JUMP_AT_LEAST, len(calls) + 1, 0, OTHER_TABLE),
    ]
    lines += [(JUMP_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    return [*lines, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]


def refuse_writes(allowed_folder: str) -> None:
    """Make all writing, making, renaming and removing of files fail outside one folder.

    The null device can still be written to.

    Raises:
        OSError: the kernel has no Landlock.
    """
    version = _landlock_version()
    files = ALL_WRITES | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    _restrict(_Ruleset(files, 0, 0), {os.devnull: WRITE_FILE, allowed_folder: files})


def refuse_signals() -> None:
    """Make signals to processes that are not confined likewise fail, and their abstract sockets.

    Raises:
        OSError: the kernel has no Landlock, or one that knows nothing of signals.
    """
    if _landlock_version() < SCOPES_SINCE:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    _restrict(_Ruleset(0, 0, ABSTRACT_SOCKETS | SIGNALS), {})


def _landlock_version() -> int:
    return _checked(_libc().syscall(CREATE_RULESET, None, 0, VERSION_FLAG))


def _restrict(rules: _Ruleset, exceptions: Mapping[str, int]) -> None:
    """Put the process under ``rules``; what is at the paths of ``exceptions`` has those rights."""
    size = ctypes.sizeof(rules if rules.scoped else ctypes.c_uint64)
    ruleset = _checked(_libc().syscall(CREATE_RULESET, ctypes.byref(rules), size, 0))
    try:
        for path, rights in exceptions.items():
            _allow(ruleset, path, rights)
        _no_new_privileges()
        _checked(_libc().syscall(RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Allow ``rights`` to what is at ``path`` and beneath it."""
    place = os.open(path, os.O_PATH)
    try:
        rule = _PathRule(rights, place)
        _checked(_libc().syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(place)


def _no_new_privileges() -> None:
    """Give up what programs could gain by being run, which both kinds of rules demand."""
    _checked(_libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
