"""Objectives that are functions of the user: ``python:package.module:function``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.named_code import load_named, refuse

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def load_objective(source: str) -> Callable[[Audit], float]:
    """Return the objective that the function named by ``source`` computes from an audit.

    What the function prints goes to standard error.

    Raises:
        InputError: there is no such function, or its module fails.
    """
    with redirect_stdout(sys.stderr):
        return partial(_measured, source, load_named(source, "function"))


def _measured(source: str, function: Callable[..., Any], audit: Audit) -> float:
    with redirect_stdout(sys.stderr):
        try:
            value = function(audit)
        except (Exception, SystemExit) as error:
            refuse(source, "the objective", error, "correct it there")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) <= sys.float_info.max:
        raise InputError(source, [Problem("", shown(value), "a number for every audit")])
    return float(value)
