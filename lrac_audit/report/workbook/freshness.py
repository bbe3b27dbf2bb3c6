"""Comparison of workbooks part by part, to find sheets that are out of date."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lrac_audit.design.formats import SHEET_SUFFIX
from lrac_audit.design.sheet.grid import BROKEN, check_size
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import check_regular_file, exists
from lrac_audit.presets import PRESETS

SHOWN_DIFFERENCES = 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRINGS = "xl/sharedStrings.xml"


class Difference(NamedTuple):
    """One cell or part in which two workbooks differ."""

    where: str
    """The cell, such as ``Encoder!E7``, or a part of the archive."""
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.where}: is {self.found}, would be {self.wanted}"


class Freshness(NamedTuple):
    """The comparison of one sheet with what its source gives today."""

    path: Path
    source: str
    differences: list[Difference]

    def shown(self) -> Iterator[str]:
        """The first differences, and how many more there are."""
        yield from map(str, self.differences[:SHOWN_DIFFERENCES])
        more = len(self.differences) - SHOWN_DIFFERENCES
        if more > 0:
            yield f"and {more} more"


def check_sheets(path: Path) -> list[Freshness]:
    """Compare the sheet at ``path``, or every sheet in that folder, with its source.

    Raises:
        InputError: there is no sheet, a sheet has no source, or one of them cannot be read.
    """
    if not exists(path):
        raise InputError(str(path), [Problem("", "no such file", "a sheet, or a folder of sheets")])
    sheets = sorted(path.glob(f"*{SHEET_SUFFIX}")) if path.is_dir() else [path]
    if not sheets:
        problem = Problem("", "a folder without sheets", f"one with {SHEET_SUFFIX} files")
        raise InputError(str(path), [problem])
    sources = {sheet: source_of(sheet) for sheet in sheets}
    return [_check(sheet, source) for sheet, source in sources.items()]


def source_of(sheet: Path) -> str:
    """Return the source of the sheet of this name: a preset, or a design beside it."""
    if sheet.stem in PRESETS:
        return sheet.stem
    beside = sheet.with_suffix(".yaml")
    if beside.is_file():
        return str(beside)
    allowed = f"the name of a preset ({', '.join(PRESETS)}), or a design {beside.name} beside it"
    raise InputError(str(sheet), [Problem("", "a sheet of unknown source", allowed)])


def _check(sheet: Path, source: str) -> Freshness:
    from lrac_audit.auditing.audit import audit
    from lrac_audit.report.workbook.build import sheet_pages
    from lrac_audit.report.workbook.writer import workbook_bytes

    check_regular_file(sheet)
    check_size(sheet)
    found = audit(source)
    wanted = workbook_bytes(sheet_pages(found), found.ledger.name)
    try:
        return Freshness(sheet, source, compare(sheet.read_bytes(), wanted))
    except BROKEN as error:
        problem = Problem("", f"a damaged workbook ({type(error).__name__})", "a design sheet")
        raise InputError(str(sheet), [problem]) from None


def compare(found: bytes, wanted: bytes) -> list[Difference]:
    """Return the differences of two workbooks: cell by cell on pages, as a whole in other parts."""
    parts = [_parts(found), _parts(wanted)]
    if parts[0] == parts[1]:
        return []
    cells = [_cells(one) for one in parts]
    differences = [
        Difference(cell, *(one.get(cell, "empty") for one in cells))
        for cell in {**cells[1], **cells[0]}
        if cells[0].get(cell) != cells[1].get(cell)
    ]
    differences.sort(key=lambda one: one.wanted.startswith("="))  # the cause before what follows
    for name in sorted(set(parts[0]) | set(parts[1])):
        old, new = (one.get(name) for one in parts)
        in_cells = name.startswith("xl/worksheets/") or name == _STRINGS
        if old != new and not (differences and in_cells):
            differences.append(_part_difference(name, old, new))
    return differences


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _part_difference(name: str, old: bytes | None, new: bytes | None) -> Difference:
    if old is None or new is None:
        here, there = ("not there" if part is None else "there" for part in (old, new))
        return Difference(name, here, there)
    pairs = enumerate(zip(old, new, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = max(at - 20, 0)
    here, there = (shown(part[start : at + 30].decode("utf-8", "replace")) for part in (old, new))
    return Difference(f"{name}, byte {at}", here, there)


def _cells(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return every cell of a workbook as text: its formula and its value."""
    from defusedxml.ElementTree import fromstring

    strings = []
    if _STRINGS in parts:
        for item in fromstring(parts[_STRINGS]):
            strings.append("".join(text.text or "" for text in item.iter(f"{_MAIN}t")))
    book = fromstring(parts["xl/workbook.xml"])
    links = fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {link.get("Id"): link.get("Target") for link in links}
    found = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = posixpath.join("xl", str(targets[sheet.get(f"{_RELATED}id")]).removeprefix("/xl/"))
        for cell in fromstring(parts[target]).iter(f"{_MAIN}c"):
            value = cell.findtext(f"{_MAIN}v")
            if value is not None and cell.get("t") == "s":
                value = repr(strings[int(value)])
            formula = cell.findtext(f"{_MAIN}f")
            shape = "" if formula is None else f"={formula} -> "
            found[f"{sheet.get('name')}!{cell.get('r')}"] = f"{shape}{value}"
    return found
