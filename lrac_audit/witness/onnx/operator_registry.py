"""Registries of what is known of operators, by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class OperatorRegistry(Generic[T]):
    """One function for each operator."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        """The word for an entry in messages, such as ``rule``."""
        self.entries: dict[str, T] = {}

    def add(self, *operators: str) -> Callable[[T], T]:
        """Return a decorator that registers a function for ``operators``.

        Raises:
            ValueError: one of them has an entry already.
        """

        def enter(function: T) -> T:
            for operator in operators:
                if operator in self.entries:
                    raise ValueError(f"{operator} has a {self.purpose} already")
                self.entries[operator] = function
            return function

        return enter
