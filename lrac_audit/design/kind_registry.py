"""Registries of the kinds of layers: the entry of one consumer for each class of part.

Each consumer of the signal path (checks, ledger, model builder, sheet, names of foreign weights)
keeps one registry. A new kind of layer is a class of part and one entry in each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from lrac_audit.errors import InputError, Problem

T = TypeVar("T")


class KindRegistry(Generic[T]):
    """The entries of one consumer, by the exact class of a part.

    A subclass is a kind of its own: it never gets the entry of its parent by accident.
    """

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        """The word for an entry in messages, such as ``cost formula``."""
        self.entries: dict[type, T] = {}

    def add(self, *kinds: type) -> Callable[[T], T]:
        """Return a decorator that registers a function for ``kinds``.

        Raises:
            ValueError: one of them has an entry already.
        """

        def enter(entry: T) -> T:
            for kind in kinds:
                if kind in self.entries:
                    raise ValueError(f"{kind.__name__} has a {self.purpose} already")
                self.entries[kind] = entry
            return entry

        return enter

    def __contains__(self, kind: object) -> bool:
        return kind in self.entries

    def of(self, path: str, part: object) -> T:
        """Return the entry for ``part``, which stands at ``path``.

        Raises:
            InputError: its kind is not registered.
        """
        entry = self.entries.get(type(part))  # here too, since every step of a walk asks
        return self.of_kind(path, type(part)) if entry is None else entry

    def of_kind(self, path: str, kind: type) -> T:
        """Return the entry for a part of the class ``kind``, which stands at ``path``.

        Raises:
            InputError: it is not registered.
        """
        try:
            return self.entries[kind]
        except KeyError:
            article = "an" if kind.__name__[0] in "AEIOU" else "a"
            given = f"{article} {kind.__name__}, which has no {self.purpose}"
            allowed = "one of " + ", ".join(sorted(known.__name__ for known in self.entries))
            raise InputError("design", [Problem(path, given, allowed)]) from None
