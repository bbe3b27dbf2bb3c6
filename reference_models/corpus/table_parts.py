"""Parts of a table that is being extended, so that no interruption loses or doubles a row.

While files are worked on, rows go to numbered parts in a hidden folder beside the table, each
written in one step every few seconds. When all are there the table is replaced in one step and the
parts are removed. Whatever stops the program in between, the next run finds the table and the
parts, and works only on what is in neither.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lrac_audit.files import WRITABLE, exists, path_error
from reference_models.corpus.rows import Row, RowKind
from reference_models.corpus.table import load_table, save_table

PART_SECONDS = 5.0
"""At most so much work is lost when the program is killed."""


def load_with_parts(path: Path, kind: RowKind[Row]) -> dict[str, Row]:
    """Return the rows in the table at ``path``, if it is there, and in parts beside it.

    Raises:
        InputError: one of them cannot be read.
    """
    rows = load_table(path, kind) if exists(path) else {}
    for part in sorted(_folder(path).glob("*.csv")):
        rows |= load_table(part, kind)
    return rows


def has_parts(path: Path) -> bool:
    """Return whether an earlier run left parts beside the table at ``path``."""
    return any(_folder(path).glob("*.csv"))


def remove_parts(path: Path) -> None:
    """Remove the parts beside the table at ``path``, once it has their rows."""
    shutil.rmtree(_folder(path), ignore_errors=True)


@contextmanager
def part_writer(path: Path, kind: RowKind[Row]) -> Iterator[Callable[[Row], None]]:
    """Yield a function that adds a row to the parts of the table at ``path``.

    The last part is written when the block ends, also by an interruption.
    """
    folder = _folder(path)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise path_error(folder, error, WRITABLE) from None
    pending: list[Row] = []
    written = time.monotonic()

    def write() -> None:
        if pending:
            save_table(pending, folder / f"{time.time_ns()}-{secrets.token_hex(4)}.csv", kind)
            pending.clear()

    def add(row: Row) -> None:
        nonlocal written
        pending.append(row)
        if time.monotonic() - written > PART_SECONDS:
            write()
            written = time.monotonic()

    try:
        yield add
    finally:
        write()


def _folder(path: Path) -> Path:
    return path.with_name(f".{path.name}.parts")
