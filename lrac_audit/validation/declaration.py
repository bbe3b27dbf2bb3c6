"""Kinds of the fields of a dataclass, from their annotations."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from lrac_audit.validation.kinds import Choice, Flag, Kind
from lrac_audit.validation.part import Part
from lrac_audit.validation.structures import Count, Items, Maybe


class Marker(Enum):
    """Markers that an annotation may carry besides a kind."""

    NOT_IN_FILE = "set by the program, never by a file"


_PARTS: dict[type, Part] = {}


def part(cls: type) -> Part:
    """Return the kind whose values are objects of the dataclass ``cls``, made on first use."""
    if cls not in _PARTS:
        hints = get_type_hints(cls, include_extras=True)
        internal = frozenset(n for n, hint in hints.items() if Marker.NOT_IN_FILE in _extras(hint))
        kinds = {f.name: kind_of(hints[f.name]) for f in fields(cls)}
        _PARTS[cls] = Part(cls, kinds, internal)
    return _PARTS[cls]


def kind_of(annotation: Any) -> Kind:
    """Return the kind that an annotation declares.

    Raises:
        TypeError: it declares none, such as a bare ``int`` without bounds.
    """
    declared = next((extra for extra in _extras(annotation) if isinstance(extra, Kind)), None)
    if declared is not None:
        return declared
    base = get_args(annotation)[0] if _extras(annotation) else annotation
    origin, arguments = get_origin(base), get_args(base)
    if base is bool:
        return Flag()
    if is_dataclass(base) and isinstance(base, type):
        return part(base)
    if origin is Literal:
        return Choice(arguments)
    if origin in (Union, UnionType) and len(arguments) == 2 and arguments[1] is NoneType:
        return Maybe(kind_of(arguments[0]))
    counts = [extra for extra in _extras(annotation) if isinstance(extra, Count)]
    if origin is tuple and arguments[1] is not Ellipsis:
        counts = [Count(len(arguments), len(arguments))]
    if origin is tuple and counts:
        return Items(kind_of(arguments[0]), counts[0])
    raise TypeError(f"{annotation}: given no bounds; allowed: Annotated[..., Kind or Count]")


def _extras(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
