"""Standard input and output in place of files, for whoever writes ``-``.

Both pass through a temporary file: audio is checked and read, and a header is written last, as with
any file, and nothing comes out of a command that fails.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrac_audit.console.output import say, say_content, warn
from lrac_audit.errors import InputError, Problem

INPUT, OUTPUT = "standard input", "standard output"


def is_standard(path: Path) -> bool:
    """Return whether ``path`` means standard input or output."""
    return path == Path("-")


@contextmanager
def readable(path: Path) -> Iterator[Path]:
    """Yield ``path``, or where it is ``-`` that of a copy of standard input.

    Raises:
        InputError: standard input is a terminal, or closed, or it cannot be read.
    """
    if not is_standard(path):
        yield path
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(INPUT, [Problem("", "a terminal, or nothing", "a pipe or a file")])
    with _temporary(INPUT) as copy:
        _copy_input(copy)
        yield copy


def _copy_input(path: Path) -> None:
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    except OSError as error:
        given = f"a stream that fails: {error.strerror}"
        raise InputError(INPUT, [Problem("", given, "one that can be read")]) from None


@contextmanager
def writable(path: Path) -> Iterator[Path]:
    """Yield ``path``, or where it is ``-`` one whose content then goes to standard output.

    Raises:
        InputError: standard output is a terminal, or it cannot be written.
    """
    if not is_standard(path):
        yield path
        return
    if sys.stdout.isatty():
        raise InputError(OUTPUT, [Problem("", "a terminal", "a pipe or a file")])
    with _temporary(OUTPUT) as copy:
        yield copy
        say_content(copy)


def report(path: Path, text: str) -> None:
    """Say ``text`` of the output ``path``: a message where standard output is the data itself."""
    if is_standard(path):
        warn(f"{OUTPUT}: {text}")
    else:
        say(f"{path}: {text}\n")


@contextmanager
def _temporary(name: str) -> Iterator[Path]:
    """Yield the path of a temporary file, whose problems are reported as those of ``name``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        try:
            yield path
        except InputError as error:
            if error.source != str(path):
                raise
            raise InputError(name, error.problems) from None
