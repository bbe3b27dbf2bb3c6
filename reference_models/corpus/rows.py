"""Kinds of rows of tables that have one row for each audio file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest import Entry, Manifest, refused


class FileRow(Protocol):
    """The fields that every row has."""

    @property
    def uid(self) -> str:
        """The name of the file in its manifest."""

    @property
    def duration_s(self) -> float:
        """Its length."""

    @property
    def sample_rate_hz(self) -> int:
        """Its rate."""

    @property
    def error(self) -> str:
        """The reason why the file could not be read; empty for one that was."""


Row = TypeVar("Row", bound=FileRow)


@dataclass(frozen=True)
class RowKind(Generic[Row]):
    """How the cells of a table stand for rows of one kind."""

    columns: tuple[str, ...]
    numbers: frozenset[str]
    """Columns of numbers; the others hold text."""
    from_cells: Callable[[Mapping[str, Any]], Row]
    """Return the row of cells by column; a cell is None where nothing stands, unless it is the
    error."""
    to_cells: Callable[[Row], Iterable[Any]]
    """Return the cells of a row in the order of the columns."""
    same: Mapping[str, str] = field(default_factory=dict)
    """The one content that a column must have in all rows; a table with another is refused."""


def is_of(row: FileRow, entry: Entry) -> bool:
    """Return whether ``row`` is about ``entry`` as it is now, and not as it was before a change."""
    before = (row.uid, row.duration_s, row.sample_rate_hz)
    return before == (entry.uid, entry.duration_s, entry.sample_rate_hz)


def check_same(rows: Iterable[FileRow], kind: RowKind[Any], table: str) -> None:
    """Check that ``rows`` have the content that the ``kind`` demands of all.

    Raises:
        InputError: a row has another.
    """
    for row in rows:
        for column, content in kind.same.items():
            if (given := getattr(row, column)) != content:
                allowed = f"{shown(content)}, as of this run, or another table"
                raise InputError(table, [Problem(f"{row.uid}, {column}", shown(given), allowed)])


def check_complete(
    manifest: Manifest, rows: Mapping[str, FileRow], table: str, content: str
) -> None:
    """Check that ``rows`` has a row of each entry, as the entry is now.

    ``content`` is the word for what a row holds.

    Raises:
        InputError: some are missing or are of files of another length or rate; they are named.
    """
    problems = [
        Problem(f"uid {shown(entry.uid)}", f"no {content} of this length and rate", "one")
        for entry in manifest.entries
        if entry.uid not in rows or not is_of(rows[entry.uid], entry)
    ]
    if problems:
        raise refused(table, problems)
