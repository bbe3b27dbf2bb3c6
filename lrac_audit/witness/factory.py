"""Load the codec of a target ``python:package.module:factory``.

This is the one place of the project that runs code of the user, and only for such a target.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.adapters.registry import known_distributions, recognise
from lrac_audit.witness.garbage import long_lived_made
from lrac_audit.witness.isolation import one_thread
from lrac_audit.witness.packages import (
    failure,
    hide_broken_packages,
    import_failure,
    import_problem,
)
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates
from lrac_audit.witness.target import AuditTarget

FORM = "python:package.module:factory"


def load_python(
    source: str, arguments: Mapping[str, object], stated: StatedRates = AS_DECLARED
) -> AuditTarget:
    """Return the codec that the factory in ``source`` makes of ``arguments``.

    What is printed on the way goes to standard error. The current directory is importable. The
    factory runs on one thread, like the codec later: small tensors are slower on several.

    Raises:
        InputError: there is no such factory, it fails, or it returns no codec.
    """
    module_name, _, factory_name = source.removeprefix("python:").partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), factory_name]):
        raise InputError(source, [Problem("", "another form of target", FORM)])
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    hide_broken_packages()
    with redirect_stdout(sys.stderr), long_lived_made(), one_thread():
        factory = _factory(source, module_name, factory_name)
        try:
            made = factory(**arguments)
        except (Exception, SystemExit) as error:
            next_step = "give it other arguments by --arg NAME=VALUE, or correct it"
            _refuse(source, f"{factory_name}(...)", error, next_step)
    return as_target(made, source, stated)


def as_target(made: object, source: str, stated: StatedRates = AS_DECLARED) -> AuditTarget:
    """Return ``made`` as a target.

    An ``AuditTarget`` is taken as it is, a codec by the adapter of its class, any other module by
    its ``encode`` and ``decode``, or else whole. ``stated`` are rates that the user gives.

    Raises:
        InputError: it is no codec.
    """
    if isinstance(made, AuditTarget):
        return made
    with one_thread():
        target = recognise(made, source, stated)
    if target is None:
        allowed = f"an AuditTarget, an nn.Module, or a codec of {known_distributions()}"
        raise InputError(source, [Problem("", f"a factory that returns {_kind(made)}", allowed)])
    return target


def _factory(source: str, module_name: str, factory_name: str) -> Callable[..., Any]:
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(module_name)
        # The attribute may be imported only now, as those of transformers are.
        factory: Callable[..., Any] | None = getattr(module, factory_name, None)
    except (Exception, SystemExit) as error:
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if missing and (module_name == missing or module_name.startswith(f"{missing}.")):
            allowed = "a module on the Python path or in the current directory"
            problem = Problem("", f"no module {shown(missing)}", allowed)
            raise InputError(source, [problem]) from error
        _refuse(source, f"importing {module_name}", error, "correct it there")
    if callable(factory):
        return factory
    names = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
    given = "no such factory" if factory is None else f"{_kind(factory)}, which cannot be called"
    allowed = f"a function or class of {module_name}: {', '.join(names[:8]) or 'it has none'}"
    raise InputError(source, [Problem(factory_name, given, allowed)])


def _refuse(source: str, doing: str, error: BaseException, next_step: str) -> NoReturn:
    """Explain ``error``, by the package that is to blame where that is another than the user's."""
    if isinstance(error, InputError):
        raise error
    problem = failure(doing, error, next_step)
    broken = import_failure(error)
    own_package = source.removeprefix("python:").partition(":")[0].partition(".")[0]
    if broken is not None and broken.package != own_package:
        problem = import_problem(doing, broken)
    raise InputError(source, [problem]) from error


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
