"""Name the places where a transmitter left something behind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import FunctionType, MemberDescriptorType, MethodType
from typing import Any

from torch import Tensor, nn

LIBRARIES = ("torch", "numpy", "transformers")
"""Packages in whose globals nothing is looked for: they are large, and not of the codec."""


class Places:
    """The attributes, globals and closures that a codec can reach, as they are now."""

    def __init__(self, root: nn.Module, callables: Iterable[Callable[..., Any]]) -> None:
        self._root, self._callables = root, tuple(callables)
        self._before = self._look()

    def changed(self) -> list[str]:
        """Return the places that hold something else than before."""
        now = self._look()
        return [
            place
            for place, (state, _) in now.items()
            if place not in self._before or self._before[place][0] != state
        ]

    def _look(self) -> dict[str, tuple[Any, Any]]:
        """Return the state of each place, and the value itself, which keeps its id from reuse."""
        places = dict(_attributes(self._root))
        for function in self._callables:
            places |= dict(_around(function))
        for name in {type(module).__module__ for module in self._root.modules()}:
            places |= dict(_globals(name, getattr(sys.modules.get(name), "__dict__", {})))
        return {place: (_state(value), value) for place, value in places.items()}


def _attributes(root: nn.Module) -> Iterator[tuple[str, Any]]:
    for path, module in root.named_modules():
        owner = path or type(module).__name__
        own = {k: v for k, v in vars(module).items() if not k.startswith("_")}
        for name, value in (*own.items(), *module._buffers.items(), *module._parameters.items()):
            yield f"{owner}.{name}", value
        for name, value in vars(type(module)).items():
            if not name.startswith("__") and not callable(value):
                yield f"class {type(module).__name__}: {name}", value


def _around(function: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a function can reach: its closure, its globals, what it is bound to."""
    if isinstance(function, partial):
        yield from _around(function.func)
        for argument in function.args:
            yield from _around(argument)
    elif isinstance(function, MethodType):
        yield from _around(function.__func__)
        owner = function.__self__
        if not isinstance(owner, nn.Module):
            yield from ((f"{type(owner).__name__}.{k}", v) for k, v in _held(owner).items())
    elif isinstance(function, FunctionType):
        names = function.__code__.co_freevars
        for name, cell in zip(names, function.__closure__ or (), strict=True):
            with_value = cell.cell_contents if _is_filled(cell) else None
            yield f"{name} in {function.__qualname__}", with_value
        yield from _globals(function.__module__, function.__globals__)


def _held(owner: object) -> dict[str, Any]:
    """Return the attributes of an object by name, those in slots included."""
    held = dict(getattr(owner, "__dict__", {}))
    for base in type(owner).__mro__:
        for name, slot in vars(base).items():
            if isinstance(slot, MemberDescriptorType) and hasattr(owner, name):
                held[name] = getattr(owner, name)
    return held


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _globals(module: str, names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if module.partition(".")[0] in LIBRARIES:
        return
    for name, value in list(names.items()):
        if not name.startswith("__") and not callable(value):
            yield f"{module}.{name}", value


def _state(value: Any) -> tuple[Any, ...]:
    """Return what changes when ``value`` is replaced or filled."""
    if isinstance(value, Tensor):
        return id(value), value._version
    if isinstance(value, list | tuple):
        return id(value), len(value), *map(id, value[-8:])
    if isinstance(value, dict):
        return id(value), len(value), *map(id, list(value.values())[-8:])
    if isinstance(value, set | bytearray):
        return id(value), len(value)
    return (id(value),)
