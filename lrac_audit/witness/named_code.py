"""Find the function that ``python:package.module:name`` names. This module needs no torch.

This is the one place of the project that imports code of the user, and only for such a name.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.packages import failure, import_failure, import_problem

PREFIX = "python:"


def load_named(source: str, what: str) -> Callable[..., Any]:
    """Return the function or class that ``source`` names, which is to be a ``what``.

    Its module is imported; the current directory is importable.

    Raises:
        InputError: there is none of that name, or its module fails.
    """
    module_name, _, name = source.removeprefix(PREFIX).partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), name]):
        form = f"{PREFIX}package.module:{what}"
        raise InputError(source, [Problem("", "another form of target", form)])
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(module_name)
        # The attribute may be imported only now, as those of transformers are.
        found: Callable[..., Any] | None = getattr(module, name, None)
    except (Exception, SystemExit) as error:
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if missing and (module_name == missing or module_name.startswith(f"{missing}.")):
            allowed = "a module on the Python path or in the current directory"
            problem = Problem("", f"no module {shown(missing)}", allowed)
            raise InputError(source, [problem]) from error
        refuse(source, f"importing {module_name}", error, "correct it there")
    if callable(found):
        return found
    names = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
    given = (
        f"no such {what}" if found is None else f"{kind_of_value(found)}, which cannot be called"
    )
    allowed = f"a function or class of {module_name}: {', '.join(names[:8]) or 'it has none'}"
    raise InputError(source, [Problem(name, given, allowed)])


def refuse(source: str, doing: str, error: BaseException, next_step: str) -> NoReturn:
    """Explain ``error``, by the package that is to blame where that is another than the user's."""
    if isinstance(error, InputError):
        raise error
    problem = failure(doing, error, next_step)
    broken = import_failure(error)
    own_package = source.removeprefix(PREFIX).partition(":")[0].partition(".")[0]
    if broken is not None and broken.package != own_package:
        problem = import_problem(doing, broken)
    raise InputError(source, [problem]) from error


def kind_of_value(value: object) -> str:
    """Return what ``value`` is, in a word or two."""
    return "None" if value is None else f"a {type(value).__name__}"
