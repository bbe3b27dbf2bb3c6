"""Output of renderings, each written to its file or to the terminal, and of messages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.console.terminal import is_capable, output_screen, rich_console
from lrac_audit.errors import InputError, Problem

LABEL_STYLES = {"error": "bold red", "warning": "bold yellow"}


class Output(NamedTuple):
    """One rendering and where it goes."""

    format: str
    path: Path | None
    """None for standard output."""

    @property
    def screen(self) -> Screen:
        """The screen to render for; a file gets plain text."""
        return output_screen() if self.path is None else PLAIN


def deliver(contents: Sequence[tuple[Output, str | bytes]]) -> None:
    """Write the renderings, files first: if a file fails, standard output is still empty."""
    for output, content in contents:
        if output.path is not None:
            _write(output.path, content)
    for output, content in contents:
        if output.path is None:
            assert isinstance(content, str), f"{output.format} is no text"
            say(content)


def _write(path: Path, content: str | bytes) -> None:
    from lrac_audit.files import replacing, write_text

    if isinstance(content, str):
        write_text(path, content)
        return
    with replacing(path) as beside:
        beside.write_bytes(content)


def say(text: str) -> None:
    """Write data to standard output; a pipe that its reader has closed is no error.

    Raises:
        InputError: it cannot be written, since a disk is full for example.
    """
    with writing_output():
        sys.stdout.write(text)
        sys.stdout.flush()


def say_content(path: Path) -> None:
    """Write the bytes of the file at ``path`` to standard output, as :func:`say` does."""
    with path.open("rb") as file, writing_output():
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()


@contextmanager
def writing_output() -> Iterator[None]:
    """Write to standard output in the block; where its reader has closed it, to nowhere.

    Raises:
        InputError: it cannot be written.
    """
    try:
        yield
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        _discard_output()  # what is still in its buffer
        given = f"a stream that fails: {error.strerror}"
        raise InputError("standard output", [Problem("", given, "one that takes all")]) from None


def open_closed_streams() -> None:
    """Let output go nowhere where the caller of this process closed it, as ``>&-`` does."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def warn(text: str) -> None:
    """Write a message to standard error; a terminal shows ``error:`` and ``warning:`` coloured."""
    label, colon, rest = text.partition(":")
    if label not in LABEL_STYLES or not is_capable(sys.stderr):
        sys.stderr.write(f"{text}\n")
        return
    from rich.text import Text

    message = Text.assemble((label, LABEL_STYLES[label]), colon, rest)
    rich_console(sys.stderr).print(message, soft_wrap=True)


@contextmanager
def debugging(enabled: bool) -> Iterator[None]:
    """Show the traceback of every exception in the block, if ``enabled``.

    Those too in spite of which the block goes on, which it logs at the level ``DEBUG``.
    """
    if not enabled:
        yield
        return
    import traceback

    with _debug_log_shown():
        try:
            yield
        except Exception:
            traceback.print_exc()
            raise


@contextmanager
def _debug_log_shown() -> Iterator[None]:
    """Write what this package logs to standard error."""
    import logging

    logger, handler = logging.getLogger("lrac_audit"), logging.StreamHandler()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
