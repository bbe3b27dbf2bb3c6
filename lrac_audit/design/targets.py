"""From what a user types as a target to the design it names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import reference_models
from lrac_audit.design import native
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml, read_text
from lrac_audit.errors import InputError, Problem, one_of

PRESETS = ("track1", "track2")
"""The reference designs that can be named without a path."""
SHEET_SUFFIX = ".xlsx"
_OTHER_SHEETS = (".ods", ".xls", ".xlsm", ".xlsb", ".numbers")


class Target(NamedTuple):
    """A design and where it came from."""

    design: CodecDesign
    source: str
    """Preset name or path, as given."""
    ignored: tuple[tuple[str, str], ...] = ()
    """Fields of a recipe ignored on purpose, each with the reason."""
    limit_edits: Mapping[str, Any] | None = None
    """Fields of the design's limit set that its sheet replaces; None for none."""
    limit_cells: Mapping[str, str] = MappingProxyType({})
    """Where a sheet has the name of the limit set and what replaces its fields, by field."""


def load_target(target: str | Path) -> Target:
    """The design that ``target`` names: a preset, an own YAML file, a recipe, a design sheet.

    Raises:
        InputError: there is no such file, or it is no valid design; with every problem found.
    """
    source = str(target)
    if source in PRESETS:
        path = Path(reference_models.__file__).parent / "designs" / f"{source}.yaml"
    else:
        path = Path(source)
        if not path.exists():
            allowed = f"a file, or {one_of(PRESETS, source)}"
            raise InputError(source, [Problem("", "no such file", allowed)])
        if path.suffix.lower() == SHEET_SUFFIX:
            return _from_sheet(path, source)
        if path.suffix.lower() in _OTHER_SHEETS:
            problem = Problem("", f"a spreadsheet of the kind {path.suffix}", "one saved as .xlsx")
            raise InputError(source, [problem])
    return _parse(read_text(path), source, _stem(path))


def _from_sheet(path: Path, source: str) -> Target:
    from lrac_audit.design.sheet import read_sheet

    found = read_sheet(path, source)
    return Target(
        found.design,
        source,
        limit_edits=found.limit_edits or None,
        limit_cells=found.limit_cells,
    )


@lru_cache(maxsize=16)
def _parse(text: str, source: str, name: str) -> Target:
    """The target that ``text`` describes, kept by content: parsing is most of an audit's time."""
    tree = parse_yaml(text, source)
    if isinstance(tree, dict) and native.FORMAT_KEY in tree:
        return Target(native.read_design(tree, source), source)
    from lrac_audit.design import espnet

    if isinstance(tree, dict) and espnet.CODEC_KEY in tree:
        design, ignored = espnet.read_recipe(tree, source, name)
        return Target(design, source, ignored)
    given = "nothing" if tree is None else "a file that holds neither"
    allowed = f"a design, with the key {native.FORMAT_KEY}, or a recipe, with {espnet.CODEC_KEY}"
    raise InputError(source, [Problem("", given, allowed)])


def _stem(path: Path) -> str:
    """The file's name without its suffix, fit to be a design's name."""
    return "".join(c if c.isprintable() else "?" for c in path.stem)[:200] or "recipe"
