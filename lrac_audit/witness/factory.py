"""Load the codec of a target ``python:package.module:factory``, whose code is then run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout

from lrac_audit.errors import InputError, Problem
from lrac_audit.witness.adapters.registry import known_distributions, recognise
from lrac_audit.witness.garbage import long_lived_made
from lrac_audit.witness.isolation import one_thread
from lrac_audit.witness.named_code import kind_of_value, load_named, refuse
from lrac_audit.witness.packages import hide_broken_packages
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates
from lrac_audit.witness.target import AuditTarget


def load_python(
    source: str, arguments: Mapping[str, object], stated: StatedRates = AS_DECLARED
) -> AuditTarget:
    """Return the codec that the factory in ``source`` makes of ``arguments``.

    What is printed on the way goes to standard error. The current directory is importable. The
    factory runs on one thread, like the codec later: small tensors are slower on several.

    Raises:
        InputError: there is no such factory, it fails, or it returns no codec.
    """
    hide_broken_packages()
    with redirect_stdout(sys.stderr), long_lived_made(), one_thread():
        factory = load_named(source, "factory")
        try:
            made = factory(**arguments)
        except (Exception, SystemExit) as error:
            next_step = "give it other arguments by --arg NAME=VALUE, or correct it"
            refuse(source, f"{source.rpartition(':')[2]}(...)", error, next_step)
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
        raise InputError(
            source, [Problem("", f"a factory that returns {kind_of_value(made)}", allowed)]
        )
    return target
