"""The registry of rules: each says which input steps the results of an operator can depend on.

An operator's name is that of torch's dispatcher, without namespace, overload and the underscore
of an in-place version: ``addmm``. A rule is called once for the latest and once for the negated
earliest steps; both are joined by the maximum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from torch import Tensor

from lrac_audit.witness.dependency.steps import joined_over, number_steps, plain


class NoRuleError(Exception):
    """A rule does not cover this use of its operator."""


class TensorReader(Protocol):
    """Knows the steps of all tensors of a run."""

    def depends(self, tensor: Tensor) -> bool:
        """Return whether the values of ``tensor`` depend on the input, or could."""

    def steps(self, tensor: Tensor, kind: int) -> Tensor:
        """Return its latest steps for ``kind`` 0, the negated earliest for 1."""

    def strided(self, tensor: Tensor, view: tuple[Any, ...], kind: int) -> Tensor:
        """Return the steps of what ``as_strided`` makes of ``tensor``."""


@dataclass(frozen=True, slots=True)
class RuleCall:
    """One call of an operator, as a rule sees it."""

    func: Any
    """The operator, to be called on steps where it only moves elements."""
    arguments: Mapping[str, Any]
    """All arguments by name, defaults filled in."""
    shapes: list[tuple[int, ...]]
    """Shapes of the results."""
    reader: TensorReader
    kind: int

    def __getitem__(self, name: str) -> Any:
        """Return an argument."""
        return self.arguments[name]

    def first(self, *names: str) -> Any:
        """Return the argument under the first of ``names`` that the operator has, or None."""
        return next((self.arguments[name] for name in names if name in self.arguments), None)

    def depends(self, value: Any) -> bool:
        """Return whether an argument is a tensor that depends on the input."""
        return isinstance(value, Tensor) and self.reader.depends(value)

    def steps(self, value: Any) -> Tensor:
        """Return the steps of a tensor, or the code of a constant or a number."""
        if isinstance(value, Tensor):
            return self.reader.steps(value, self.kind)
        return number_steps(value)

    def plain(self, value: Any) -> Tensor:
        """Return the steps of a tensor in compact form without codes."""
        return plain(self.steps(value))

    def joined_over(self, value: Any, axes: Sequence[int], keepdim: bool = True) -> Tensor:
        """Return the join of a tensor's steps along ``axes``."""
        return joined_over(self.steps(value), axes, keepdim)


Rule = Callable[[RuleCall], Tensor | Sequence[Tensor]]
"""Returns the steps of the result, which broadcast to its shape; or those of each result."""

AnyRule = TypeVar("AnyRule", bound=Rule)

_RULES: dict[str, Rule] = {}
RULES = MappingProxyType(_RULES)
"""Operator to rule, as the modules of :mod:`lrac_audit.witness.dependency.rules` register them."""


def rule(*operators: str) -> Callable[[AnyRule], AnyRule]:
    """Return a decorator that registers a rule for operators.

    Raises:
        ValueError: one of them has a rule already.
    """

    def register(function: AnyRule) -> AnyRule:
        for operator in operators:
            if operator in _RULES:
                raise ValueError(f"{operator} has a rule already")
            _RULES[operator] = function
        return function

    return register


def axes_of(value: Any, dims: int) -> list[int]:
    """Return the axes that an argument ``dim`` names: a number, a list, or all where empty."""
    if value is None or (isinstance(value, list | tuple) and not value):
        return list(range(dims))
    return [value] if isinstance(value, int) else list(value)
