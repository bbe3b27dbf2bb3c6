"""Files of the designs on a front, which every command that takes a design reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lrac_audit.auditing.exploring.exploration import Exploration, FrontDesign
from lrac_audit.design.bounds import MAX_NAME_CHARACTERS
from lrac_audit.design.native.writer import write_design
from lrac_audit.files import make_folder, write_text

INDEX = "index.csv"


def write_designs(
    folder: Path, found: Exploration, records: Sequence[Mapping[str, Any]]
) -> list[Path]:
    """Write each design of the front into ``folder``, then an index of ``records``.

    Each file replaces an older one in a single step, and the index comes last.

    Raises:
        InputError: the folder or a file cannot be written.
    """
    make_folder(folder)
    paths = [folder / f"{design.name}.yaml" for design in found.designs]
    for path, design in zip(paths, found.designs, strict=True):
        write_text(path, _text(design))
    if records:
        write_text(folder / INDEX, _index(records))
    return paths


def _text(found: FrontDesign) -> str:
    design = found.audit.design
    assert design is not None
    own = f" {found.name}"
    name = f"{design.name[: MAX_NAME_CHARACTERS - len(own)]}{own}"
    return write_design(replace(design, name=name))


def _index(records: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()
