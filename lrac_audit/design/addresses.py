"""Addresses of the fields of a design, as its YAML file spells them: ``encoder.input.kernel``.

An entry of a list is addressed by its position from 0, and a layer or a quantizer that a file
names by its kind has that name in its address: ``encoder.layers.0.conv.kernel``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

from lrac_audit.design.activations import Activation
from lrac_audit.design.layer import LAYER_KINDS
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizer import quantizer_name
from lrac_audit.validation.declaration import part as declared_part

Address = tuple[str | int, ...]
"""Names of fields and kinds, and positions in lists, from the design down to a field."""


def address_text(address: Address) -> str:
    """Return ``address`` with dots between its parts: ``decoder.blocks.0.up.kernel``."""
    return ".".join(map(str, address))


def field_values(design: CodecDesign) -> dict[Address, Any]:
    """Return each number and each truth value of ``design`` by its address, in file order."""
    return dict(_values(design, ()))


def with_values(design: CodecDesign, values: Mapping[Address, Any]) -> CodecDesign:
    """Return ``design`` with the fields at the addresses ``values`` replaced.

    Raises:
        InputError: the changed design breaks a rule; with every problem found.
        KeyError: the design has no such address.
    """
    changed: CodecDesign = _replaced(design, values, ())
    return changed


def part_with_values(part: Any, values: Mapping[Address, Any]) -> Any:
    """Return a part of a design with fields replaced, by addresses that begin inside it.

    No rule between fields is checked, since most of them compare parts of a whole design.

    Raises:
        KeyError: the part has no such address.
    """
    return _replaced(part, values, ())


def draft(design: CodecDesign, values: Mapping[Address, Any]) -> CodecDesign:
    """Return ``design`` with fields replaced and no rule checked, for a search to look at.

    Raises:
        KeyError: the design has no such address.
    """
    changed = _changed_fields(design, values, ())
    made = object.__new__(CodecDesign)
    for each in fields(design):
        object.__setattr__(made, each.name, changed.get(each.name, getattr(design, each.name)))
    return made


class _Member(NamedTuple):
    """One field of a part, or one entry of a list."""

    address: Address
    """From the part: the key of the file or the position, and the kind where a file names it."""
    field: str | int
    """The name of the field in Python, or the position."""
    value: Any


def _values(part: Any, at: Address) -> Iterator[tuple[Address, Any]]:
    if isinstance(part, bool | int | float):
        yield at, part
    for member in _members(part):
        yield from _values(member.value, (*at, *member.address))


def _members(part: Any) -> Iterator[_Member]:
    for key, field, value in _keyed(part):
        yield _Member((key, *_kind(value)), field, value)


def _keyed(part: Any) -> Iterator[tuple[str | int, str | int, Any]]:
    """Yield the key in a file, the field or position, and the value of each member."""
    if isinstance(part, tuple):
        for i, item in enumerate(part):
            yield i, i, item
    elif is_dataclass(part) and not isinstance(part, Activation):
        for declared in declared_part(type(part)).members:
            yield declared.key, declared.name, getattr(part, declared.name)


def _kind(part: object) -> Address:
    """Return the name of the kind that a file says beside the fields of ``part``, if any."""
    name = LAYER_KINDS.name_of(part) or quantizer_name(part)
    return () if name is None else (name,)


def _replaced(part: Any, values: Mapping[Address, Any], at: Address) -> Any:
    if () in values:
        return values[()]
    changed = _changed_fields(part, values, at)
    if isinstance(part, tuple):
        return tuple(changed.get(i, item) for i, item in enumerate(part))
    return replace(part, **changed)


def _changed_fields(part: Any, values: Mapping[Address, Any], at: Address) -> dict[Any, Any]:
    """Return the members of ``part`` that ``values`` change, by name or position."""
    groups: dict[str | int, dict[Address, Any]] = {}
    for address, value in values.items():
        groups.setdefault(address[0], {})[address[1:]] = value
    changed: dict[Any, Any] = {}
    for key, field, member in _keyed(part):
        inner = groups.pop(key, None)
        if inner is not None:
            own = (key, *_kind(member))
            inside = {
                _behind(own[1:], address, (*at, key)): value for address, value in inner.items()
            }
            changed[field] = _replaced(member, inside, (*at, *own))
    if groups:
        key, inner = next(iter(groups.items()))
        raise KeyError(address_text((*at, key, *next(iter(inner)))))
    return changed


def _behind(kind: Address, address: Address, at: Address) -> Address:
    """Return ``address`` without the name of the kind at its beginning."""
    if address[: len(kind)] != kind:
        raise KeyError(address_text((*at, *address)))
    return address[len(kind) :]
