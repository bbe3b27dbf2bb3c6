"""The registry of counting formulas: each maps the shapes of an operator call to its work.

An operator's name is that of torch's dispatcher without overload and without the underscore of an
in-place version: ``aten.addmm``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.ledger.row import Geometry


class Shape(tuple[int, ...]):
    """Sizes of a tensor; its own type, since arguments hold plain lists of numbers too."""

    __slots__ = ()

    @property
    def values(self) -> int:
        """Number of values in the tensor."""
        return prod(self)


class ShapedCall(NamedTuple):
    """One call of an operator as shapes, with the arguments that are not tensors."""

    args: tuple[Any, ...]
    """In the order of the operator's schema, tensors as :class:`Shape`, defaults filled in."""
    out: tuple[Shape, ...]
    """Shapes of the results."""

    def shape(self, index: int) -> Shape:
        """Return the shape of an argument that must be a tensor."""
        found = self.args[index]
        if not isinstance(found, Shape):
            raise TypeError(f"argument {index} is no tensor: {found!r}")
        return found


@dataclass(frozen=True, slots=True)
class Work:
    """The work of one call of an operator."""

    op: str
    """As in :class:`lrac_audit.ledger.row.Row`."""
    by_kind: Mapping[str, int]
    """Elementary work by kind."""
    geometry: Geometry
    runs: int
    """Steps that the operator ran for: inputs of a transposed convolution, otherwise outputs."""


Formula = Callable[[ShapedCall], Work]

_FORMULAS: dict[str, Formula] = {}

FORMULAS = MappingProxyType(_FORMULAS)
"""Operator to formula, as the modules of this package register them."""


def words(text: str) -> list[str]:
    """Return the words of a list that is too long for quotes and commas."""
    return text.split()


def counts(*operators: str) -> Callable[[Formula], Formula]:
    """Return a decorator that registers a formula for operators of the namespace ``aten``.

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
