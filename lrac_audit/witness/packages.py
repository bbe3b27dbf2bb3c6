"""Find foreign packages that are missing or cannot be imported, and explain that."""

from __future__ import annotations

import importlib
import logging
import sys
from importlib.util import find_spec
from types import TracebackType
from typing import Any, NamedTuple

from lrac_audit.errors import Problem, printable, shown
from lrac_audit.witness.escapes.user_code import place_raised

OPTIONAL_PACKAGES = ("torchaudio",)
"""Packages that codec packages import wherever they are installed, although the layers of a codec
need nothing of them."""
MESSAGE_CHARACTERS = 200
"""Longer messages of exceptions are cut off."""
LOGGER = logging.getLogger("lrac_audit")
"""Gets the tracebacks of failures that an audit survives; ``--debug`` shows them."""
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
    a None in ``sys.modules`` for a package that is not installed. It looks for a package once and
    keeps the answer, which is therefore dropped where transformers was imported before.
    """
    for package in OPTIONAL_PACKAGES:
        if package in sys.modules or find_spec(package) is None:
            continue
        try:
            importlib.import_module(package)
        except Exception as error:  # its loader may raise anything
            _hidden[package] = error
            sys.modules[package] = None  # type: ignore[assignment]
            _drop_kept_answer(package)


def _drop_kept_answer(package: str) -> None:
    transformers = sys.modules.get("transformers.utils.import_utils")
    is_available: Any = getattr(transformers, f"is_{package}_available", None)
    if hasattr(is_available, "cache_clear"):
        is_available.cache_clear()


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
    if not failure.is_missing:
        allowed = f"an install in which `import {failure.package}` works"
        return Problem(doing, str(failure), allowed)
    place = place_raised(failure.error)
    given = f"{failure}, imported at {place}" if place else str(failure)
    return Problem(doing, given, f"an install that has it, mostly by pip install {failure.package}")


def raised(error: BaseException) -> str:
    """Return the type of an exception, the first line of its message, and the place in the code.

    The place is the innermost line of the user's code, as far as the exception passed any.
    """
    lines = str(error.msg if isinstance(error, SyntaxError) else error).strip().splitlines()
    message = f": {printable(lines[0])[:MESSAGE_CHARACTERS]}" if lines else ""
    place = place_raised(error)
    return type(error).__name__ + message + (f", at {place}" if place else "")


def noted(error: BaseException) -> str:
    """Return the same of an exception in spite of which an audit goes on; log its traceback."""
    LOGGER.debug("the audit goes on after this:", exc_info=error)
    return raised(error)


def failure(doing: str, error: BaseException, next_step: str) -> Problem:
    """Return ``error``, which code of the user raised, as a problem of the action ``doing``."""
    next_step = f"{next_step}; --debug shows the traceback"
    return Problem(doing, raised(error), next_step, is_failure=True)


def _running_module(traceback: TracebackType | None) -> str | None:
    """Return the innermost module that was being executed for an import."""
    found = None
    while traceback is not None:
        code, names = traceback.tb_frame.f_code, traceback.tb_frame.f_globals
        if code.co_name == "<module>":
            found = names.get("__name__", found)
        traceback = traceback.tb_next
    return found
