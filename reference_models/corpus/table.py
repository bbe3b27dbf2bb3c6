"""Tables of one row for each audio file, as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.files import replacing, write_text
from reference_models.corpus.rows import Row, RowKind, check_same
from reference_models.data.manifest import number_in, read_rows, refused


class TableFormat(NamedTuple):
    """How tables are read from and written to one kind of file."""

    load: Callable[[Path, RowKind[Any]], dict[str, Any]]
    save: Callable[[Iterable[Any], Path, RowKind[Any]], None]
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


def load_table(path: Path, kind: RowKind[Row]) -> dict[str, Row]:
    """Return the rows of the table at ``path`` by the uid of their file.

    Raises:
        InputError: it cannot be read, lacks columns of the ``kind``, or has wrong cells; all are
            named.
    """
    rows: dict[str, Row] = table_format(path).load(path, kind)
    check_same(rows.values(), kind, str(path))
    return rows


def save_table(rows: Iterable[Row], path: Path, kind: RowKind[Row]) -> None:
    """Write ``rows`` as a table at ``path``, in one step.

    Raises:
        InputError: it cannot be written.
    """
    table_format(path).save(rows, path, kind)


def _load_csv(path: Path, kind: RowKind[Row]) -> dict[str, Row]:
    rows, problems = {}, []
    for line, row in read_rows(path, kind.columns):
        values: dict[str, Any] = {name: row[name] or None for name in kind.columns}
        values["error"] = row["error"]
        for name in kind.numbers:
            values[name] = number_in(row[name]) if row[name] else None
            if row[name] and values[name] is None:
                problems.append(Problem(f"line {line}, {name}", shown(row[name]), "a number"))
        rows[row["uid"]] = kind.from_cells(values)
    if problems:
        raise refused(str(path), problems)
    return rows


def _save_csv(rows: Iterable[Row], path: Path, kind: RowKind[Row]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kind.columns)
    writer.writerows(map(kind.to_cells, rows))
    write_text(path, text.getvalue())


def _load_parquet(path: Path, kind: RowKind[Row]) -> dict[str, Row]:
    from pyarrow import ArrowException, parquet

    try:
        table = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        given = f"a file that cannot be read: {str(error).splitlines()[0]}"
        raise InputError(str(path), [Problem("", given, "a Parquet table")]) from None
    missing = [name for name in kind.columns if name not in table.column_names]
    if missing:
        problems = [Problem(f"column {name}", "none", "one") for name in missing]
        raise InputError(str(path), problems)
    cells = table.select(kind.columns).to_pylist()
    return {row["uid"]: kind.from_cells(row) for row in cells}


def _save_parquet(rows: Iterable[Row], path: Path, kind: RowKind[Row]) -> None:
    import pyarrow
    from pyarrow import parquet

    number, text = pyarrow.float64(), pyarrow.string()
    schema = pyarrow.schema(
        [(name, number if name in kind.numbers else text) for name in kind.columns]
    )
    cells = [dict(zip(kind.columns, kind.to_cells(row), strict=True)) for row in rows]
    with replacing(path) as beside:
        parquet.write_table(pyarrow.Table.from_pylist(cells, schema), beside)


FORMATS = {
    ".csv": TableFormat(_load_csv, _save_csv),
    ".parquet": TableFormat(_load_parquet, _save_parquet, "pyarrow"),
}
"""Formats of tables by the suffix of their files."""
