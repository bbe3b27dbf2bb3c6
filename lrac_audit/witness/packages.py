"""Find foreign packages that are missing or cannot be imported, and explain that."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from types import TracebackType
from typing import NamedTuple

from lrac_audit.errors import Problem, printable, shown

OPTIONAL_PACKAGES = ("torchaudio",)
"""Packages that codec packages import wherever they are installed, although the layers of a codec
need nothing of them."""
_hidden: dict[str, Exception] = {}
"""The error that importing a hidden package raised, by package."""


class ImportFailure(NamedTuple):
    """The package on which an import failed."""

    package: str
    error: BaseException
    is_missing: bool
    """Whether it is not installed; otherwise it is, and importing it raises ``error``."""

    def __str__(self) -> str:
        name = shown(self.package)
        if self.is_missing:
            return f"the package {name} missing"
        return f"the package {name}, which cannot be imported ({raised(self.error)})"


def hide_broken_packages() -> None:
    """Make optional packages that cannot be imported look as if they were not installed.

    transformers imports torchaudio wherever it finds it, and then half of its models cannot be
    imported beside a torchaudio that was built for another torch. Both Python and transformers take
    a None in ``sys.modules`` for a package that is not installed.
    """
    for package in OPTIONAL_PACKAGES:
        if package in sys.modules or find_spec(package) is None:
            continue
        try:
            importlib.import_module(package)
        except Exception as error:  # its loader may raise anything
            _hidden[package] = error
            sys.modules[package] = None  # type: ignore[assignment]


def import_failure(error: BaseException) -> ImportFailure | None:
    """Return the package that made an import fail with ``error``; None if none was imported.

    It is the package whose module was running when the first of a chain of errors was raised.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        broken = _hidden.get(package)
        return ImportFailure(package, broken or error, is_missing=broken is None)
    module_name = _running_module(error.__traceback__)
    if module_name is None:
        return None
    return ImportFailure(module_name.partition(".")[0], error, is_missing=False)


def import_problem(doing: str, failure: ImportFailure) -> Problem:
    """Return ``failure`` as a problem of the action ``doing``."""
    if failure.is_missing:
        return Problem(doing, str(failure), "an install that has it")
    allowed = f"an install in which `import {failure.package}` works"
    return Problem(doing, str(failure), allowed)


def raised(error: BaseException) -> str:
    """Return the type of an exception and the first line of its message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}" + (f": {printable(lines[0])[:200]}" if lines else "")


def _running_module(traceback: TracebackType | None) -> str | None:
    """Return the innermost module that was being executed for an import."""
    found = None
    while traceback is not None:
        code, names = traceback.tb_frame.f_code, traceback.tb_frame.f_globals
        if code.co_name == "<module>":
            found = names.get("__name__", found)
        traceback = traceback.tb_next
    return found
