"""Tables of measurements as CSV or Parquet, which later measurements extend.

While files are measured, rows go to numbered parts in a hidden folder beside the table, each
written in one step every few seconds. When all are there the table is replaced in one step and the
parts are removed. Whatever stops the program in between, the next run finds the table and the
parts, and measures only what is in neither.
"""

from __future__ import annotations

import csv
import io
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.files import WRITABLE, exists, path_error, replacing, write_text
from reference_models.corpus.measurement import MEASURES, Measurement
from reference_models.data.manifest import number_in, read_rows, refused

FIELDS = Measurement._fields
NUMBERS = ("duration_s", "sample_rate_hz", *MEASURES)
PART_SECONDS = 5.0
"""At most so much work is lost when the program is killed."""

Rows = dict[str, Measurement]
"""Measurements by the uid of their file."""


class TableFormat(NamedTuple):
    """How tables are read from and written to one kind of file."""

    load: Callable[[Path], Rows]
    save: Callable[[Iterable[Measurement], Path], None]
    package: str | None = None
    """The package that it needs."""


def table_format(path: Path) -> TableFormat:
    """Return the format of a table by the end of its name, with its package imported.

    Raises:
        InputError: the name ends as that of no known format.
        ModuleNotFoundError: the package of the format is not installed.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        allowed = f"a name that ends in {one_of(FORMATS)}"
        raise InputError(str(path), [Problem("", f"the suffix {shown(path.suffix)}", allowed)])
    if found.package is not None:
        import_module(found.package)
    return found


def load_table(path: Path) -> Rows:
    """Return the measurements in the table at ``path``.

    Raises:
        InputError: it cannot be read, or has wrong cells; all are named.
    """
    return table_format(path).load(path)


def save_table(rows: Iterable[Measurement], path: Path) -> None:
    """Write ``rows`` as a table at ``path``, in one step.

    Raises:
        InputError: it cannot be written.
    """
    table_format(path).save(rows, path)


def load_with_parts(path: Path) -> Rows:
    """Return the measurements in the table at ``path``, if it is there, and in parts beside it.

    Raises:
        InputError: one of them cannot be read.
    """
    rows = load_table(path) if exists(path) else {}
    for part in sorted(_folder(path).glob("*.csv")):
        rows |= _load_csv(part)
    return rows


def has_parts(path: Path) -> bool:
    """Return whether an earlier run left parts beside the table at ``path``."""
    return any(_folder(path).glob("*.csv"))


def remove_parts(path: Path) -> None:
    """Remove the parts beside the table at ``path``, once it has their rows."""
    shutil.rmtree(_folder(path), ignore_errors=True)


@contextmanager
def part_writer(path: Path) -> Iterator[Callable[[Measurement], None]]:
    """Yield a function that adds a row to the parts of the table at ``path``.

    The last part is written when the block ends, also by an interruption.
    """
    folder = _folder(path)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise path_error(folder, error, WRITABLE) from None
    pending: list[Measurement] = []
    written = time.monotonic()

    def write() -> None:
        if pending:
            _save_csv(pending, folder / f"{time.time_ns()}-{secrets.token_hex(4)}.csv")
            pending.clear()

    def add(row: Measurement) -> None:
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


def _load_csv(path: Path) -> Rows:
    rows, problems = {}, []
    for line, row in read_rows(path, FIELDS):
        values: dict[str, Any] = {name: row[name] or None for name in FIELDS}
        values["error"] = row["error"]
        for name in NUMBERS:
            values[name] = number_in(row[name]) if row[name] else None
            if row[name] and values[name] is None:
                problems.append(Problem(f"line {line}, {name}", shown(row[name]), "a number"))
        rows[row["uid"]] = Measurement(**values)
    if problems:
        raise refused(str(path), problems)
    return rows


def _save_csv(rows: Iterable[Measurement], path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _load_parquet(path: Path) -> Rows:
    from pyarrow import ArrowException, parquet

    try:
        table = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        given = f"a file that cannot be read: {str(error).splitlines()[0]}"
        raise InputError(str(path), [Problem("", given, "a Parquet table")]) from None
    missing = [name for name in FIELDS if name not in table.column_names]
    if missing:
        problems = [Problem(f"column {name}", "none", "one") for name in missing]
        raise InputError(str(path), problems)
    return {row["uid"]: Measurement(**row) for row in table.select(FIELDS).to_pylist()}


def _save_parquet(rows: Iterable[Measurement], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema(
        [(name, pyarrow.float64() if name in NUMBERS else pyarrow.string()) for name in FIELDS]
    )
    table = pyarrow.Table.from_pylist([row._asdict() for row in rows], schema)
    with replacing(path) as beside:
        parquet.write_table(table, beside)


FORMATS = {
    ".csv": TableFormat(_load_csv, _save_csv),
    ".parquet": TableFormat(_load_parquet, _save_parquet, "pyarrow"),
}
"""Formats of tables by the suffix of their files."""
