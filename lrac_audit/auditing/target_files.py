"""Targets that stand for several files: folders, and patterns that a shell has not resolved."""

from __future__ import annotations

import glob
from pathlib import Path

from lrac_audit.auditing.targets import is_measured
from lrac_audit.errors import InputError, Problem
from lrac_audit.files import exists, is_folder
from lrac_audit.presets import PRESETS

SUFFIXES = (".yaml", ".yml", ".xlsx")
"""The files of a folder that are taken for designs."""


def files_of(target: str) -> list[str]:
    """Return the targets that ``target`` stands for: files of a folder or a pattern, or itself.

    A pattern has ``*``, ``?`` or ``[``; ``**`` stands for folders at any depth. A path that exists
    is never a pattern.

    Raises:
        InputError: the folder holds no design, or nothing matches the pattern.
    """
    if is_measured(target) or target in PRESETS:
        return [target]
    path = Path(target)
    if is_folder(path):
        found = sorted(str(each) for each in path.iterdir() if _is_design(each))
        allowed = f"a folder with at least one file in {', '.join(SUFFIXES)}"
        return found or _refuse(target, "a folder without designs", allowed)
    if glob.has_magic(target) and not exists(path):
        matching = glob.glob(target, recursive=True)  # noqa: PTH207 - a pattern may be absolute
        found = sorted(each for each in matching if Path(each).is_file())
        return found or _refuse(target, "a pattern that no file matches", "one that some file does")
    return [target]


def _is_design(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$"))


def _refuse(target: str, given: str, allowed: str) -> list[str]:
    raise InputError(target, [Problem("", given, allowed)])
