"""Read the cells of a workbook that may be hostile: its size is bounded before it is parsed."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import check_regular_file

MAX_FILE_BYTES = 8 << 20
MAX_UNPACKED_BYTES = 64 << 20
MAX_PARTS = 500
MAX_COLUMNS = 40
BROKEN = (
    *(ParseError, zipfile.BadZipFile, zlib.error, RecursionError, EOFError, OverflowError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, AssertionError),
    NotImplementedError,
)
"""Exceptions that a reader of workbooks raises when a part is broken."""
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
"""The first bytes of an .xls file, and of an .xlsx that has a password."""
_ENCRYPTED = 1
"""Bit in the flags of an encrypted part."""


class CellValue(NamedTuple):
    """The content of one cell."""

    value: str | int | float | bool | None
    """The value; for a formula, its text."""
    is_formula: bool = False


EMPTY = CellValue(None)
Grid = dict[str, CellValue]
"""The cells of a page that are not empty, by address."""


def shown_cell(value: object) -> str:
    """Return the content of a cell for a message."""
    return "an empty cell" if value is None else shown(value)


def shown_no_number(value: object) -> str:
    """Return the same for a place of a number, and say where a text only looks like one."""
    return f"the text {shown(value)}" if isinstance(value, str) else shown_cell(value)


def read_pages(path: Path, wanted: Iterable[str], max_rows: int) -> dict[str, Grid]:
    """Return those pages of a workbook that are ``wanted`` and exist.

    Raises:
        InputError: it is no workbook, cannot be read, or exceeds a bound of this module.
    """
    check_regular_file(path)
    check_size(path)
    from defusedxml import DefusedXmlException
    from openpyxl import load_workbook

    try:
        # Opened here, since openpyxl leaves a file open where a part is broken.
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that are not read, such as charts
            book = load_workbook(file, read_only=True, keep_links=False)
            try:
                names = [name for name in wanted if name in book.sheetnames]
                return {name: _grid(book[name], max_rows) for name in names}
            finally:
                book.close()
    except OSError as error:
        raise _refused(path, f"a path that fails: {error.strerror}", "a readable file") from None
    except BROKEN as error:  # openpyxl lets out whatever a broken part sets off
        given = "a workbook whose parts are broken"
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, DefusedXmlException):
                given = "a workbook with XML entities"
            cause = cause.__cause__ or cause.__context__
        raise _refused(path, given, "a design sheet") from None


def _refused(path: Path, given: str, allowed: str) -> InputError:
    return InputError(str(path), [Problem("", given, allowed)])


def check_size(path: Path) -> None:
    """Refuse an archive that is larger, packed or unpacked, than a sheet ever is.

    ``zipfile`` reads no more of a part than it declares.

    Raises:
        InputError: ``path`` is no archive, or larger than a design sheet ever is.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _refused(path, f"a path that fails: {error.strerror}", "a readable file") from None
    if size > MAX_FILE_BYTES:
        raise _refused(path, f"{size:,} bytes", f"a workbook of at most {MAX_FILE_BYTES:,}")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise _no_archive(path) from None
    except OSError as error:
        raise _refused(path, f"a path that fails: {error.strerror}", "a readable file") from None
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise _refused(path, "a workbook with a password", "one without")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES or len(parts) > MAX_PARTS:
        given = f"{len(parts):,} parts that unpack to {unpacked:,} bytes"
        allowed = f"at most {MAX_PARTS} parts and {MAX_UNPACKED_BYTES:,} bytes"
        raise _refused(path, given, allowed)


def _no_archive(path: Path) -> InputError:
    with path.open("rb") as file:
        is_compound = file.read(len(_COMPOUND)) == _COMPOUND
    if is_compound:
        given = "a workbook with a password, or one of the old .xls kind"
        return _refused(path, given, "an .xlsx file without a password")
    return _refused(path, "a file that is no workbook", "an .xlsx file")


def _grid(page: object, max_rows: int) -> Grid:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    assert isinstance(page, ReadOnlyWorksheet), "a chart sheet"
    cells: Grid = {}
    for row in page.iter_rows(max_row=max_rows, max_col=MAX_COLUMNS):
        for cell in row:
            if cell.value is not None:
                value = cell.value
                plain = value if isinstance(value, str | int | float | bool) else str(value)
                cells[cell.coordinate] = CellValue(plain, cell.data_type == "f")
    return cells
