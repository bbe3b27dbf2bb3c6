"""What all commands share: exit codes, errors on standard error, and where output goes."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, NoReturn, ParamSpec, TypeVar

import typer

from lrac_audit.errors import InputError, Problem, shown

P = ParamSpec("P")
R = TypeVar("R")


class ExitCode(IntEnum):
    """Exit codes of every command; the first four are the contract of a gate."""

    WITHIN_LIMITS = 0
    LIMIT_BROKEN = 1
    BAD_INPUT = 2
    INCOMPLETE = 3
    INTERRUPTED = 130


def command(function: Callable[P, R]) -> Callable[P, R]:
    """A command whose bad input ends in one message and exit code 2, and Ctrl-C in 130."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except InputError as error:
            fail(error)
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(ExitCode.INTERRUPTED) from None

    return guarded


def fail(*errors: InputError) -> NoReturn:
    """Print every problem of every error and leave with :data:`ExitCode.BAD_INPUT`."""
    for error in errors:
        for line in str(error).splitlines():
            typer.echo(f"error: {line}", err=True)
    raise typer.Exit(ExitCode.BAD_INPUT) from None


class Output(NamedTuple):
    """One rendering and where it goes."""

    format: str
    path: Path | None
    """None for standard output."""


def outputs(
    requested: Sequence[str], output: Path | None, allowed: Sequence[str]
) -> list[Output]:
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


def wants_colour(environment: Mapping[str, str]) -> bool:
    """Whether to colour standard output: a capable terminal, and nobody said no (no-color.org)."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    capable = os.name != "nt" or "WT_SESSION" in environment
    return capable and sys.stdout.isatty()
