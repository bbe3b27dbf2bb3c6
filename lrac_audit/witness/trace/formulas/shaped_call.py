"""What a counting formula is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from lrac_audit.ledger.row import Geometry


class Shape(tuple[int, ...]):
    """Sizes of a tensor; a type of its own, since arguments hold plain lists of numbers too."""

    __slots__ = ()

    @property
    def values(self) -> int:
        """How many values the tensor has."""
        return prod(self)


class Call(NamedTuple):
    """One call of an operator: nothing but shapes and arguments that are no tensors."""

    args: tuple[Any, ...]
    """In the order of the operator's schema, tensors as :class:`Shape`, defaults filled in."""
    out: tuple[Shape, ...]
    """Shapes of the results."""

    def shape(self, index: int) -> Shape:
        """The shape of an argument that must be a tensor."""
        found = self.args[index]
        if not isinstance(found, Shape):
            raise TypeError(f"argument {index} is no tensor: {found!r}")
        return found


@dataclass(frozen=True, slots=True)
class Work:
    """What one call of an operator does."""

    op: str
    """As in :class:`lrac_audit.ledger.row.Row`."""
    by_kind: Mapping[str, int]
    """Elementary work by kind."""
    geometry: Geometry
    runs: int
    """Steps that the operation ran for: of a transposed convolution inputs, otherwise outputs."""


Formula = Callable[[Call], Work]
