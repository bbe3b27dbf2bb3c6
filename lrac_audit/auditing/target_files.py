"""Targets that stand for several files: folders, and patterns that a shell has not resolved."""

from __future__ import annotations

import glob
from pathlib import Path

from lrac_audit.auditing.targets import is_measured
from lrac_audit.errors import InputError, Problem
from lrac_audit.files import exists, is_folder
from lrac_audit.presets import PRESETS
from lrac_audit.witness.onnx.graph_files import SUFFIX

SUFFIXES = (".yaml", ".yml", ".xlsx")
"""The files of a folder that are taken for designs."""


def files_of(target: str) -> list[str]:
    """Return the targets that ``target`` stands for: files of a folder or a pattern, or itself.

    A folder with ONNX graphs is a codec itself, and stands for its designs besides. A pattern has
    ``*``, ``?`` or ``[``; ``**`` stands for folders at any depth. A path that exists is never one.

    Raises:
        InputError: the folder holds no design, or nothing matches the pattern.
    """
    if target in PRESETS:
        return [target]
    path = Path(target)
    if is_measured(target):
        return [target, *(_designs(path) if is_folder(path) else ())]
    if is_folder(path):
        found = _designs(path)
        allowed = f"a folder with at least one file in {', '.join((*SUFFIXES, SUFFIX))}"
        return found or _refuse(target, "a folder without designs", allowed)
    if glob.has_magic(target) and not exists(path):
        matching = glob.glob(target, recursive=True)  # noqa: PTH207 - a pattern may be absolute
        found = sorted(each for each in matching if Path(each).is_file())
        return found or _refuse(target, "a pattern that no file matches", "one that some file does")
    return [target]


def _designs(folder: Path) -> list[str]:
    return sorted(str(each) for each in folder.iterdir() if _is_design(each))


def _is_design(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$"))


def _refuse(target: str, given: str, allowed: str) -> list[str]:
    raise InputError(target, [Problem("", given, allowed)])
