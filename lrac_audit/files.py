"""Writing files so that no reader ever sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lrac_audit.errors import InputError, Problem


def write_text(path: Path, text: str) -> None:
    """Put ``text`` into the file at ``path``: beside it first, then renamed over it.

    What is no regular file, such as a named pipe, is written to directly.

    Raises:
        InputError: the file cannot be written; an old one is untouched.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_text(text, encoding="utf-8", newline="\n")
        else:
            _replace(target, text)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problem = Problem("", f"a path that fails: {reason}", "a file that can be written")
        raise InputError(str(path), [problem]) from None


def _replace(target: Path, text: str) -> None:
    if target.is_dir():
        raise IsADirectoryError(None, "Is a directory")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
