"""What all commands share: exit codes, and where output goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown


class ExitCode(IntEnum):
    """Exit codes of every command; the first four are the contract of a gate."""

    WITHIN_LIMITS = 0
    LIMIT_BROKEN = 1
    BAD_INPUT = 2
    INCOMPLETE = 3
    INTERRUPTED = 130


class Output(NamedTuple):
    """One rendering and where it goes."""

    format: str
    path: Path | None
    """None for standard output."""


def outputs(requested: Sequence[str], output: Path | None, allowed: Sequence[str]) -> list[Output]:
    """What ``--format`` and ``--output`` ask for.

    Each request is ``FORMAT`` or ``FORMAT=FILE``; ``output`` is the file of the one format that
    names none itself.

    Raises:
        InputError: a format is unknown, or it is not clear which format ``output`` is for.
    """
    chosen = []
    for request in requested or allowed[:1]:
        name, equals, file = request.partition("=")
        if name not in allowed or (equals and not file):
            wanted = f"one of {', '.join(allowed)}, or one of them with =FILE behind it"
            raise InputError("options", [Problem("--format", shown(request), wanted)])
        chosen.append(Output(name, Path(file) if file else None))
    if output is None:
        return chosen
    homeless = [i for i, one in enumerate(chosen) if one.path is None]
    if len(homeless) != 1:
        given = f"{shown(str(output))} for {len(homeless)} formats"
        wanted = "one format without a file of its own; write --format FORMAT=FILE for the others"
        raise InputError("options", [Problem("--output", given, wanted)])
    chosen[homeless[0]] = Output(chosen[homeless[0]].format, output)
    return chosen


def deliver(texts: Sequence[tuple[Output, str]]) -> None:
    """Write what was rendered, files first, so that a file that fails leaves nothing half said."""
    from lrac_audit.files import write_text

    for output, text in texts:
        if output.path is not None:
            write_text(output.path, text)
    for output, text in texts:
        if output.path is None:
            say(text)


def say(text: str) -> None:
    """Data to standard output; a reader that went away early is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def warn(text: str) -> None:
    """A message to standard error."""
    sys.stderr.write(f"{text}\n")


@contextmanager
def debugging(enabled: bool) -> Iterator[None]:
    """Shows the traceback of what goes wrong in the block, when that is ``enabled``."""
    try:
        yield
    except Exception:
        if enabled:
            import traceback

            traceback.print_exc()
        raise


def progress_lines() -> Callable[[str], None] | None:
    """Says on standard error what is being done, when that is a terminal."""
    return warn if sys.stderr.isatty() else None


def wants_colour(environment: Mapping[str, str]) -> bool:
    """Whether to colour standard output: a capable terminal, and nobody said no (no-color.org)."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    capable = os.name != "nt" or "WT_SESSION" in environment
    return capable and sys.stdout.isatty()
