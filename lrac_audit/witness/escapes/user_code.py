"""Find the line of the user's code that is being run."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

SKIPPED_PACKAGES = ("torch", "numpy")
"""Packages whose files are not the place where the user's code does something with a tensor."""


def calling_frame() -> FrameType | None:
    """Return the innermost running frame of the user's code, if there is one.

    Frames of torch, NumPy, the standard library and this package are passed over.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_skipped(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def calling_place() -> str:
    """Return file and line of the innermost running frame of the user's code."""
    return place_of(calling_frame())


def place_of(frame: FrameType | None) -> str:
    """Return the file and the running line of ``frame``."""
    if frame is None:
        return "an unknown place"
    return f"{_shown_path(frame.f_code.co_filename)}:{frame.f_lineno}"


def place_raised(error: BaseException) -> str:
    """Return file and line of the innermost frame of the user's code that ``error`` passed.

    Of a mistake in the syntax, that is its own place. Empty where there is none.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shown_path(error.filename)}:{error.lineno}"
    place, passed = "", error.__traceback__
    while passed is not None:
        file = passed.tb_frame.f_code.co_filename
        if not _is_skipped(file):
            place = f"{_shown_path(file)}:{passed.tb_lineno}"
        passed = passed.tb_next
    return place


@cache
def _skipped_folders() -> tuple[str, ...]:
    own_package = str(Path(__file__).parents[2])
    specs = [find_spec(package) for package in SKIPPED_PACKAGES]
    origins = [spec.origin for spec in specs if spec is not None and spec.origin]
    return (own_package, *(str(Path(origin).parent) for origin in origins))


@cache
def _is_skipped(file: str) -> bool:
    """Return whether a file belongs to a package that is passed over, or to no file at all."""
    if file.startswith("<") or any(_is_inside(file, folder) for folder in _skipped_folders()):
        return True
    library = sysconfig.get_path("stdlib")
    return _is_inside(file, library) and "site-packages" not in file


def _is_inside(file: str, folder: str) -> bool:
    return Path(file).is_relative_to(folder)


@cache
def _shown_path(file: str) -> str:
    """Return ``file`` relative to the longest entry of Python's path that holds it."""
    folders = [folder or str(Path.cwd()) for folder in sys.path]
    holding = [folder for folder in folders if _is_inside(file, folder)]
    return str(Path(file).relative_to(max(holding, key=len))) if holding else Path(file).name
