"""Reading of designs from every format: a preset, a YAML file, a recipe, a design sheet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.design import native
from lrac_audit.design.field_lines import FieldLines
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml, read_text
from lrac_audit.errors import InputError, Problem, one_of
from lrac_audit.files import exists
from lrac_audit.presets import PRESETS, preset_path

SHEET_SUFFIX = ".xlsx"
DATA_NAME = "codec"
"""The name of a recipe that comes from no file: recipes do not say their own."""
_OTHER_SHEETS = (".ods", ".xls", ".xlsm", ".xlsb", ".numbers")


class Allowed(NamedTuple):
    """The words of messages for the inputs that a caller takes."""

    name: str
    """What besides a preset may have the name."""
    content: str
    """What it has to be."""


DESIGN = Allowed("a file", "a design in YAML, a recipe's train.yaml or a design sheet (.xlsx)")


class LoadedDesign(NamedTuple):
    """A design and its source."""

    design: CodecDesign
    source: str
    """Preset name or path, as given."""
    ignored: tuple[tuple[str, str], ...] = ()
    """Fields of a recipe that are ignored on purpose, each with the reason."""
    lines: FieldLines = FieldLines()
    """The lines of its fields in the file."""


class LimitEdits(NamedTuple):
    """Limits that a design sheet sets in place of those of the limit set it names."""

    values: Mapping[str, Any] = MappingProxyType({})
    """Fields of the limit set that the sheet replaces; None for a bound that is not checked."""
    cells: Mapping[str, str] = MappingProxyType({})
    """Addresses of their cells by field, and under ``limits`` that of the limit set's name."""


NO_EDITS = LimitEdits()


class DesignFile(NamedTuple):
    """The content of a design file: a design and, in a sheet, edits of its limits."""

    loaded: LoadedDesign
    limit_edits: LimitEdits = NO_EDITS


def load_design(target: str | Path) -> LoadedDesign:
    """Return the design that ``target`` names.

    Raises:
        InputError: there is no such file, or it is no valid design; with every problem found.
    """
    return read_design_file(target).loaded


def read_design_file(target: str | Path, allowed: Allowed = DESIGN) -> DesignFile:
    """Return the design that ``target`` names, with the limits that its file sets.

    Args:
        target: A preset or a path.
        allowed: What the caller takes, besides designs too.

    Raises:
        InputError: there is no such file, or it is no valid design; with every problem found.
    """
    source = str(target)
    if source in PRESETS:
        path = preset_path(source)
    else:
        path = Path(source)
        _check_kind(path, source, allowed)
        if path.suffix.lower() == SHEET_SUFFIX:
            return _read_sheet(path, source)
    return DesignFile(_parse(read_text(path, allowed.content), source, _stem(path)))


def read_design_data(data: str | Mapping[str, Any]) -> LoadedDesign:
    """Return the design or the recipe that ``data``, YAML text or what such text holds, describes.

    Raises:
        InputError: it is no valid design; with every problem found.
    """
    if isinstance(data, str):
        return _parse(data, "YAML text", DATA_NAME)
    return _read_tree(dict(data), f"a {type(data).__name__}", DATA_NAME)


def _check_kind(path: Path, source: str, allowed: Allowed) -> None:
    if not exists(path):
        wanted = f"{allowed.name}, or {one_of(PRESETS, source)}"
        raise InputError(source, [Problem("", "no such file", wanted)])
    if path.suffix.lower() in _OTHER_SHEETS:
        problem = Problem("", f"a spreadsheet of the kind {path.suffix}", "one saved as .xlsx")
        raise InputError(source, [problem])


def _read_sheet(path: Path, source: str) -> DesignFile:
    from lrac_audit.design.sheet import read_sheet

    found = read_sheet(path, source)
    edits = LimitEdits(found.limit_edits, found.limit_cells)
    return DesignFile(LoadedDesign(found.design, source), edits)


@lru_cache(maxsize=16)
def _parse(text: str, source: str, name: str) -> LoadedDesign:
    """Return the design that ``text`` describes, cached by content.

    Parsing takes most of the time of an audit, and searches and tests audit a file many times.
    """
    return _read_tree(parse_yaml(text, source), source, name)


def _read_tree(tree: Any, source: str, name: str) -> LoadedDesign:
    if isinstance(tree, dict) and native.FORMAT.key in tree:
        return LoadedDesign(native.read_design(tree, source), source, lines=FieldLines(tree))
    from lrac_audit.design import espnet

    if isinstance(tree, dict) and espnet.CODEC_KEY in tree:
        design, ignored, own_names = espnet.read_recipe(tree, source, name)
        return LoadedDesign(design, source, ignored, FieldLines(tree, own_names))
    given = "nothing" if tree is None else "content with neither key"
    allowed = f"a design, with the key {native.FORMAT.key}, or a recipe, with {espnet.CODEC_KEY}"
    raise InputError(source, [Problem("", given, allowed)])


def _stem(path: Path) -> str:
    """Return the file's name without its suffix, fit to be a design's name."""
    return "".join(c if c.isprintable() else "?" for c in path.stem)[:200] or "recipe"
