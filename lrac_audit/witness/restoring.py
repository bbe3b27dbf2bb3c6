"""Put the content of containers, arrays and classes back as it was."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any


def refill_mapping(mapping: dict[Any, Any], kept: dict[Any, Any]) -> None:
    """Refill a mapping where it has changed, in its order."""
    if _identities(mapping) != _identities(kept):
        mapping.clear()
        mapping.update(kept)


def _identities(mapping: dict[Any, Any]) -> list[int]:
    """Return the ids of the keys and of the values: they may not be comparable, as tensors are."""
    return [*map(id, dict.keys(mapping)), *map(id, dict.values(mapping))]


def refill_sequence(sequence: list[Any] | deque[Any], kept: list[Any]) -> None:
    """Refill a list or a deque."""
    sequence.clear()
    sequence.extend(kept)


def refill_set(values: set[Any], kept: set[Any]) -> None:
    """Refill a set."""
    values.clear()
    values.update(kept)


def remember_array(array: Any, restorers: list[Callable[[], object]]) -> None:
    """Add to ``restorers`` one that gives an array of NumPy its values again."""
    if hasattr(array, "copy") and getattr(array, "flags", None) is not None:
        kept = array.copy()
        if array.flags.writeable:
            restorers.append(lambda: array.__setitem__(..., kept))


def restore_class(owner: type, kept: dict[str, Any]) -> None:
    """Give a class the attributes that it had, and take away those that are new."""
    for name in set(vars(owner)) - set(kept):
        delattr(owner, name)
    for name, value in kept.items():
        if vars(owner).get(name) is not value:
            setattr(owner, name, value)
