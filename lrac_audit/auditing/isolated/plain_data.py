"""Turn typed records into plain data for JSON, and untrusted plain data back into records.

Records are named tuples and dataclasses of numbers, texts, tuples, mappings and other records. What
is read is checked against the annotations of the fields: nothing is run and nothing is converted.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lrac_audit.errors import printable

MAX_TEXT_CHARACTERS = 2000


class NotPlainError(ValueError):
    """Data does not have the form that was expected."""


def to_plain(value: Any) -> Any:
    """Return a record as dictionaries, lists, numbers and texts."""
    kind: Any = type(value)
    names = _field_names(kind)
    if names is not None:
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    return value


def from_plain(kind: Any, data: Any, place: str = "result") -> Any:
    """Return ``data`` as an object of the annotation ``kind``.

    Raises:
        NotPlainError: it is none; the message names the place.
    """
    names = _field_names(kind) if isinstance(kind, type) else None
    if names is not None:
        return _record(kind, names, data, place)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(arguments, data, place)
    if origin is Literal:
        return _checked(data in arguments, data, place)
    if origin is tuple:
        return _items(arguments, data, place)
    if origin is not None and issubclass(origin, Mapping):
        _checked(isinstance(data, dict), data, place)
        return {_text(k, place): from_plain(arguments[1], v, place) for k, v in data.items()}
    return _scalar(kind, data, place)


@cache
def _field_names(kind: Any) -> tuple[str, ...] | None:
    """Return the fields of a class of records; None for any other class."""
    if isinstance(kind, type) and is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    named: tuple[str, ...] | None = getattr(kind, "_fields", None)
    return named


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _record(kind: Any, names: tuple[str, ...], data: Any, place: str) -> Any:
    _checked(isinstance(data, dict) and set(data) == set(names), data, place)
    hints = _hints(kind)
    return kind(**{name: from_plain(hints[name], data[name], f"{place}.{name}") for name in names})


def _one_of(kinds: tuple[Any, ...], data: Any, place: str) -> Any:
    for kind in kinds:
        try:
            return from_plain(kind, data, place)
        except NotPlainError:
            continue
    raise NotPlainError(f"{place} has another type than it should")


def _items(kinds: tuple[Any, ...], data: Any, place: str) -> tuple[Any, ...]:
    _checked(isinstance(data, list), data, place)
    if kinds[1:] == (Ellipsis,):
        kinds = kinds[:1] * len(data)
    _checked(len(kinds) == len(data), data, place)
    return tuple(from_plain(kind, item, place) for kind, item in zip(kinds, data, strict=True))


def _scalar(kind: Any, data: Any, place: str) -> Any:
    if kind is float:
        number = isinstance(data, int | float) and not isinstance(data, bool)
        return float(_checked(number, data, place))
    if kind is str:
        return _text(data, place)
    expected = type(None) if kind in (None, type(None)) else kind
    return _checked(type(data) is expected, data, place)


def _text(data: Any, place: str) -> str:
    """Return a text, short and with its control characters escaped."""
    return printable(_checked(isinstance(data, str), data, place))[:MAX_TEXT_CHARACTERS]


def _checked(is_right: bool, data: Any, place: str) -> Any:
    if not is_right:
        raise NotPlainError(f"{place} has another type than it should")
    return data
