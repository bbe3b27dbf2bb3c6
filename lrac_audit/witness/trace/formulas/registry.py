"""The one table of what is counted: operator to pure function of shapes.

An operator's name is that of torch's dispatcher without overload and without the underscore of an
in-place version: ``aten.addmm``.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from lrac_audit.witness.trace.formulas.shaped_call import Formula

_FORMULAS: dict[str, Formula] = {}

FORMULAS = MappingProxyType(_FORMULAS)
"""Operator to formula, as the modules beside this one have registered them."""


def words(text: str) -> list[str]:
    """The words of a list that is too long to be written with quotes and commas."""
    return text.split()


def counts(*operators: str) -> Callable[[Formula], Formula]:
    """Register a formula for operators of the namespace ``aten``.

    Raises:
        ValueError: one of them has a formula already.
    """

    def register(formula: Formula) -> Formula:
        for operator in operators:
            add_formula(f"aten.{operator}", formula)
        return formula

    return register


def add_formula(operator: str, formula: Formula) -> None:
    """Register one formula.

    Raises:
        ValueError: the operator has one already.
    """
    if operator in _FORMULAS:
        raise ValueError(f"{operator} has a formula already")
    _FORMULAS[operator] = formula
