"""Safe use of files: only regular files are read, and a file is replaced in one step."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrac_audit.errors import InputError, Problem

READABLE = "a file that can be read"
WRITABLE = "a file that can be written"


def exists(path: Path) -> bool:
    """Return whether anything is at ``path``; nothing is at a path that the system refuses."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Return whether ``path`` is a folder; a path that the system refuses is none."""
    return exists(path) and path.is_dir()


def check_regular_file(path: Path) -> None:
    """Make sure that ``path`` can be opened and will come to an end, as a named pipe may not.

    Raises:
        InputError: there is no such file, or it is a folder, a device or a pipe.
    """
    try:
        path.stat()
    except (OSError, ValueError) as error:
        raise path_error(path, error, READABLE) from None
    if not path.is_file():
        given = "a folder" if path.is_dir() else "a device or a pipe"
        raise InputError(str(path), [Problem("", given, "a regular file")])


def check_other_file(path: Path, source: Path) -> None:
    """Make sure that writing ``path`` will not destroy ``source``.

    Raises:
        InputError: they are the same file.
    """
    try:
        same = exists(path) and path.samefile(source)
    except (OSError, ValueError):
        return  # no file is at ``source``
    if same:
        given = "the input as the output"
        raise InputError(str(path), [Problem("", given, "another file than the input")])


def check_writable_place(path: Path) -> None:
    """Make sure that a file can be at ``path``: its folder is there, and no folder has its name.

    Raises:
        InputError: it cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "Is a directory")
        Path(os.path.realpath(path)).parent.stat()
    except (OSError, ValueError) as error:
        raise path_error(path, error, WRITABLE) from None


def is_special(path: Path) -> bool:
    """Return whether ``path`` is a device or a pipe, which is written as it is.

    Raises:
        InputError: that cannot be told.
    """
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError) as error:
        raise path_error(path, error, WRITABLE) from None


def check_new(path: Path, overwrites: bool) -> None:
    """Check that there is no file at ``path`` yet, unless it may be overwritten.

    Raises:
        InputError: there is one.
    """
    if exists(path) and not overwrites:
        problem = Problem("", "an existing file", "a new one, or --force to overwrite it")
        raise InputError(str(path), [problem])


def make_folder(path: Path) -> None:
    """Make sure that there is a folder at ``path``.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise path_error(path, error, "a folder that can be written") from None


def write_text(path: Path, text: str) -> None:
    """Put ``text`` into the file at ``path``, as :func:`replacing` does.

    Raises:
        InputError: the file cannot be written; an old one is untouched.
    """
    with replacing(path) as beside:
        try:
            beside.write_text(text, encoding="utf-8", newline="\n")
        except ValueError as error:
            raise path_error(path, error, WRITABLE) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file to write, which replaces the one at ``path`` if the block succeeds.

    It lies in the same folder, so that the replacement is one step. The mode of an old file is
    kept; a new one has the mode that the process gives its files. If ``path`` is no regular file,
    such as a named pipe, the content is copied into it at the end. When the block raises, nothing
    is left behind.

    Raises:
        InputError: the file cannot be written; an old one is untouched. Every ``OSError`` of the
            block is taken for one of writing.
    """
    special = is_special(path)  # a pipe's own name, which links to it resolve to, opens nothing
    try:
        target = path if special else Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise path_error(path, error, WRITABLE) from None
    try:
        with _spooled(target) if special else _beside(target) as temporary:
            yield temporary
    except OSError as error:
        raise path_error(path, error, WRITABLE) from None


def path_error(path: Path, error: Exception, allowed: str) -> InputError:
    """Return ``error``, raised in using ``path``, as a problem of the user's input."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return InputError(str(path), [Problem("", f"a path that fails: {reason}", allowed)])


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    if target.is_dir():
        raise IsADirectoryError(None, "Is a directory")
    beside = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}")
    try:  # before the file is there, so that no interruption comes between
        beside.touch(exist_ok=False)
        mode = (target if target.exists() else beside).stat().st_mode & 0o777
        yield beside
        beside.chmod(mode)  # a library may have put a file of its own there, for its owner alone
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def _spooled(target: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder) / "content"
        yield spool
        with spool.open("rb") as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)
