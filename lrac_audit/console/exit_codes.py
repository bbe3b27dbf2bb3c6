"""Exit codes of every command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command; the first four are the contract of a gate."""

    WITHIN_LIMITS = 0
    LIMIT_BROKEN = 1
    BAD_INPUT = 2
    INCOMPLETE = 3
    INTERRUPTED = 130
