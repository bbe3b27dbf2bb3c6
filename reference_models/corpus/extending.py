"""Work on all files of a manifest, by several workers, into a table that is extended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lrac_audit.files import exists
from reference_models.corpus.rows import FileRow, Row, RowKind, is_of
from reference_models.corpus.table import save_table
from reference_models.corpus.table_parts import (
    has_parts,
    load_with_parts,
    part_writer,
    remove_parts,
)
from reference_models.data.manifest import Entry, Manifest
from reference_models.parallel.mapping import Workers, mapped

Advance = Callable[[int], object]


def extend_table(
    manifest: Manifest,
    table: Path,
    kind: RowKind[Row],
    work: Callable[[Entry], Row],
    workers: Workers,
    advance: Advance,
) -> list[Row]:
    """Return the row of each entry of ``manifest``, and extend ``table`` by what was new.

    Entries that the table has already are not worked on again, unless their length or rate has
    changed or they could not be read. Rows of other entries stay in the table, behind these.

    Raises:
        InputError: the table cannot be read or written, or a worker was killed.
    """
    rows = load_with_parts(table, kind)
    new = [entry for entry in manifest.entries if not _is_done(rows.get(entry.uid), entry)]
    advance(len(manifest.entries) - len(new))
    with part_writer(table, kind) as add:
        for row in mapped(work, new, workers):
            add(row)
            rows[row.uid] = row
            advance(1)
    own = {entry.uid: rows.pop(entry.uid) for entry in manifest.entries}
    if new or has_parts(table) or not exists(table):
        save_table([*own.values(), *rows.values()], table, kind)
    remove_parts(table)
    return list(own.values())


def _is_done(row: FileRow | None, entry: Entry) -> bool:
    return row is not None and is_of(row, entry) and not row.error
