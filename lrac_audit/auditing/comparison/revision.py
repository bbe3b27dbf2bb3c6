"""Files as they were at a revision of git."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrac_audit.errors import InputError, Problem, shown

OPTION = "--baseline"
ALLOWED = "an audit document (.json), or a revision of git such as main"
TIME_LIMIT_S = 60


@contextmanager
def file_at(revision: str, path: Path) -> Iterator[Path | None]:
    """Give a copy of the file at ``path`` as it was at ``revision``; None where there was none.

    Raises:
        InputError: git is not there, the folder is in no repository, or has no such revision.
    """
    # A commit is asked for by its name, so that no revision is taken for an option of git.
    verify = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if _run(path.parent, *verify).returncode:
        given = f"{shown(revision)}, which is no revision where the target is"
        raise InputError("options", [Problem(OPTION, given, ALLOWED)])
    done = _run(path.parent, "show", f"{revision}:./{path.name}")
    if done.returncode:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(done.stdout)
        yield copy


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            check=False,
            timeout=TIME_LIMIT_S,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        problem = Problem(OPTION, f"a revision, but git cannot be run: {error}", ALLOWED)
        raise InputError("options", [problem]) from None
