"""Layers of a list: the mixin of their classes, their names in a file, and the list itself.

A kind of layer is a frozen dataclass that derives from :class:`Layer`, entered by
:func:`layer_kind` under the name that a file gives it. The kinds stand in ``design/layers``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from math import prod
from typing import Annotated, Any, TypeVar

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.errors import Problem, one_of, shown
from lrac_audit.validation.declaration import part
from lrac_audit.validation.kinds import NOTHING, Kind
from lrac_audit.validation.structures import Count, ShapeProblem, closed_object

LAYER_KINDS: dict[str, Kind] = {}
"""What a file may give a layer of each kind, by the name of the kind."""
_NAMES: dict[type, str] = {}
T = TypeVar("T", bound=type)


class Layer:
    """The questions that the signal path asks a layer, answered for one that changes nothing."""

    __slots__ = ()

    @property
    def rate_down(self) -> int:
        """Input steps for each output step."""
        return 1

    @property
    def rate_up(self) -> int:
        """Output steps for each input step."""
        return 1

    @property
    def look_ahead_steps(self) -> int | None:
        """Input steps after its own that an output waits for, where the rate stays the same.

        None where no number bounds them.
        """
        return 0

    @property
    def width_fields(self) -> tuple[str, ...]:
        """Fields, besides those that give the width itself, that set it from that of the input."""
        return ()

    def channels_after(self, channels: int) -> int:
        """Return the width of the output, given that of the input."""
        return channels


def layer_kind(name: str, kind: Kind | None = None) -> Callable[[T], T]:
    """Return a decorator that enters a class of layers under ``name``.

    A file gives such a layer what ``kind`` reads; by default the fields of the dataclass.

    Raises:
        ValueError: there is a kind of that name already.
    """

    def enter(cls: T) -> T:
        if name in LAYER_KINDS:
            raise ValueError(f"there is a kind of layer named {name} already")
        LAYER_KINDS[name] = kind or _LatePart(cls)
        _NAMES[cls] = name
        return cls

    return enter


def kind_name(layer: object) -> str:
    """Return the name of the kind of ``layer``."""
    return _NAMES[type(layer)]


class _LatePart(Kind):
    """A dataclass whose fields are looked at when they are needed: they may hold layers too."""

    def __init__(self, cls: type) -> None:
        self.cls = cls

    def accepts(self, value: object) -> bool:
        return part(self.cls).accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        return part(self.cls).problems(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        return part(self.cls).read({} if value is None else value, field, found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        return part(self.cls).json_schema(definitions)


class LayerField(Kind):
    """A layer of any kind: in a file ``{kind: its fields}``, or the name of the kind alone."""

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a layer of a known kind whose fields are accepted."""
        name = _NAMES.get(type(value))
        return name is not None and LAYER_KINDS[name].accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of the layer, in fields below the name of its kind."""
        name = _NAMES.get(type(value))
        if name is None:
            return (ShapeProblem("", shown(value), f"a layer: {one_of(tuple(LAYER_KINDS))}"),)
        return [problem.inside(name) for problem in LAYER_KINDS[name].problems(value)]

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the layer that a file's mapping of one key, or a name alone, stands for."""
        name, content = value, None
        if isinstance(value, dict) and len(value) == 1:
            ((name, content),) = value.items()
        if not isinstance(name, str) or name not in LAYER_KINDS:
            given = shown(name if isinstance(name, str) else value)
            word = name if isinstance(name, str) else None
            found.append(Problem(field, given, f"one kind: {one_of(tuple(LAYER_KINDS), word)}"))
            return NOTHING
        return LAYER_KINDS[name].read(content, f"{field}.{name}", found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the name of a kind that needs no field, or a mapping of one kind."""
        if "Layer" not in definitions:
            definitions["Layer"] = {}  # the layers of a layer refer to it
            definitions["Layer"] = {
                "type": ["string", "object"],
                "if": {"type": "string"},
                "then": {"enum": [name for name in LAYER_KINDS if _stands_alone(name)]},
                "else": _mapping_of_one(definitions),
            }
        return {"$ref": "#/definitions/Layer"}


def _mapping_of_one(definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a mapping with one kind as its only key."""
    contents = {name: kind.json_schema(definitions) for name, kind in LAYER_KINDS.items()}
    for name in filter(_stands_alone, LAYER_KINDS):
        contents[name] = {"anyOf": [{"type": "null"}, contents[name]]}
    return closed_object(contents, []) | {"minProperties": 1, "maxProperties": 1}


def _stands_alone(name: str) -> bool:
    """Return whether a layer needs no field, so that the name of its kind says all."""
    kind = LAYER_KINDS[name]
    return isinstance(kind, _LatePart) and all(
        field.default is not MISSING for field in fields(kind.cls)
    )


AnyLayer = Annotated[Any, LayerField()]
Layers = Annotated[tuple[AnyLayer, ...], Count(1, MAX_PARTS)]


@dataclass(frozen=True, slots=True)
class LayerList:
    """A coder of layers of any kind, one after another."""

    layers: Layers
    """The layers, in the order of the signal."""

    @property
    def rate_change(self) -> int:
        """Audio samples per latent frame: how many times the layers change the rate."""
        return prod(layer.rate_down * layer.rate_up for layer in self.layers)

    def channels_after(self, channels: int) -> int:
        """Return the width of the output, given that of the input."""
        return channels_after(self.layers, channels)


def channels_after(layers: Sequence[Any], channels: int) -> int:
    """Return the width behind ``layers``, given that before them."""
    for layer in layers:
        channels = layer.channels_after(channels)
    return channels


def look_ahead_of(layers: Sequence[Any]) -> int | None:
    """Return the steps that ``layers`` wait for in all; None where no number bounds them."""
    each = [layer.look_ahead_steps for layer in layers]
    return None if None in each else sum(each)
