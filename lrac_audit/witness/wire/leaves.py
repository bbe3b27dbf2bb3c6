"""Take apart what a transmitter hands over, whatever it is nested in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

NAME = "codes"
TEXT = "text"
"""The kind of a string, whose values are its bytes."""


class Leaf(NamedTuple):
    """One value or tensor that is handed over."""

    name: str
    values: Tensor | None
    """Numbers as a tensor; None for a thing of another kind."""
    kind: str
    """The type of the values, such as ``int64``."""


def leaves_of(handed_over: Any) -> Iterator[Leaf]:
    """Yield the values and tensors in nested containers, each with its place."""
    for name, value in named_parts(handed_over):
        yield _leaf(value, name)


def named_parts(handed_over: Any, name: str = NAME) -> Iterator[tuple[str, Any]]:
    """Yield what is in nested containers and is no container itself, after its place."""
    items = _items(handed_over)
    if items is None:
        yield name, handed_over
        return
    for place, item in items:
        yield from named_parts(item, name + place)


def _items(value: Any) -> list[tuple[str, Any]] | None:
    """Return the parts of a container with their places; None for what is no container."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(f".{field}", item) for field, item in zip(value._fields, value, strict=True)]
    if isinstance(value, list | tuple):
        return [(f"[{at}]", item) for at, item in enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type):
        return [(f".{field.name}", getattr(value, field.name)) for field in fields(value)]
    return None


def _leaf(value: Any, name: str) -> Leaf:
    if isinstance(value, Tensor):
        return Leaf(name, _plain(value), str(value.dtype).removeprefix("torch."))
    if isinstance(value, bool | int | float | complex):
        return Leaf(name, torch.tensor(value), type(value).__name__)
    if isinstance(value, str):
        return Leaf(name, torch.tensor(list(value.encode()), dtype=torch.uint8), TEXT)
    if isinstance(value, bytes | bytearray):
        return Leaf(name, torch.tensor(list(value), dtype=torch.uint8), "bytes")
    if hasattr(value, "__array_interface__"):  # of numpy
        return Leaf(name, torch.as_tensor(value), str(value.dtype))
    return Leaf(name, None, type(value).__name__)


def _plain(tensor: Tensor) -> Tensor:
    """Return the values of a tensor alone, without what else may hang on it."""
    return tensor.detach().as_subclass(Tensor).clone()


def parted(handed_over: Any) -> Any:
    """Return ``handed_over`` with every tensor replaced by its values alone.

    A view would otherwise bring its whole memory along, and any tensor its attributes.
    """
    if isinstance(handed_over, Tensor):
        return _plain(handed_over)
    if hasattr(handed_over, "__array_interface__"):
        return handed_over.copy()
    if isinstance(handed_over, tuple):
        items = map(parted, handed_over)
        named = hasattr(handed_over, "_fields")
        return type(handed_over)(*items) if named else tuple(items)
    if isinstance(handed_over, list):
        return [parted(item) for item in handed_over]
    if isinstance(handed_over, dict):
        changed = copy(handed_over)
        changed.update((key, parted(item)) for key, item in handed_over.items())
        return changed
    if is_dataclass(handed_over) and not isinstance(handed_over, type):
        parts = {f.name: parted(getattr(handed_over, f.name)) for f in fields(handed_over)}
        return replace(handed_over, **parts)
    return handed_over
