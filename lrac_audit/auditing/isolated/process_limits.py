"""Limits on the process that measures an untrusted codec. This module needs no torch."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.errors import InputError, Problem

DEFAULT_TIME_S = 600.0
DEFAULT_MEMORY_GB = 8.0
LEAST_MEMORY_GB = 1.0
"""Importing torch takes nearly as much."""
BYTES_PER_GB = 2**30


class ProcessLimits(NamedTuple):
    """How long the process may run, and how much memory it may take."""

    time_s: float = DEFAULT_TIME_S
    memory_gb: float = DEFAULT_MEMORY_GB
    """In units of 2^30 bytes."""
    shows_traceback: bool = False
    """Whether the process prints the traceback of what fails in it."""

    def checked(self) -> ProcessLimits:
        """Return the same.

        Raises:
            InputError: no codec could be measured within them.
        """
        problems = []
        if not self.time_s > 0:
            given = f"{self.time_s:g}"
            problems.append(Problem("--time-limit", given, "a positive number of seconds"))
        if not self.memory_gb >= LEAST_MEMORY_GB:
            allowed = f"at least {LEAST_MEMORY_GB:g} GB, which torch alone needs"
            problems.append(Problem("--memory-limit", f"{self.memory_gb:g}", allowed))
        if problems:
            raise InputError("options", problems)
        return self
