"""Targets that are ONNX graphs: one file, or a folder with one for each side.

This module needs no ONNX library.
"""

from __future__ import annotations

from pathlib import Path

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import is_folder
from lrac_audit.presets import PRESETS

SUFFIX = ".onnx"
MAX_GRAPHS = 2


def is_graph(target: object) -> bool:
    """Return whether ``target`` is a path of an ONNX graph, or of a folder that holds some.

    The name of a preset is that of a design, whatever folder has the same name.
    """
    if not isinstance(target, str | Path) or not str(target) or "\n" in str(target):
        return False
    if isinstance(target, str) and target in PRESETS:
        return False
    path = Path(target)
    return path.suffix.lower() == SUFFIX or (is_folder(path) and bool(_inside(path)))


def graph_paths(target: str | Path) -> list[Path]:
    """Return the files of the graphs of ``target``.

    Raises:
        InputError: the folder holds none, or more than two.
    """
    path = Path(target)
    if not is_folder(path):
        return [path]
    found = _inside(path)
    if not 0 < len(found) <= MAX_GRAPHS:
        given = ", ".join(each.name for each in found) or "a folder without graphs"
        raise InputError(str(path), [Problem("", given, "a graph for each side")])
    return found


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.suffix.lower() == SUFFIX)
    except OSError:  # a folder that may not be listed
        return []
