"""Layers of a list: the mixin of their classes, their names in a file, and the list itself.

A kind of layer is a frozen dataclass that derives from :class:`Layer`, entered by
:func:`layer_kind` under the name that a file gives it. The kinds stand in ``design/layers``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, TypeVar

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.design.named_kinds import NamedKinds, mapping_of_one, named
from lrac_audit.errors import Problem, one_of, shown
from lrac_audit.validation.kinds import NOTHING, Kind
from lrac_audit.validation.structures import Count, ShapeProblem

LAYER_KINDS = NamedKinds("layer")
"""What a file may give a layer of each kind, by the name of the kind."""
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
    return LAYER_KINDS.enter(name, kind)


def kind_name(layer: object) -> str:
    """Return the name of the kind of ``layer``."""
    return LAYER_KINDS.names[type(layer)]


class LayerField(Kind):
    """A layer of any kind: in a file ``{kind: its fields}``, or the name of the kind alone."""

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a layer of a known kind whose fields are accepted."""
        name = LAYER_KINDS.name_of(value)
        return name is not None and LAYER_KINDS[name].accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of the layer, in fields below the name of its kind."""
        if LAYER_KINDS.name_of(value) is None:
            return (ShapeProblem("", shown(value), f"a layer: {one_of(LAYER_KINDS)}"),)
        return LAYER_KINDS.problems_of(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the layer that a file's mapping of one key, or a name alone, stands for."""
        name, content = named(value)
        if isinstance(name, str) and name in LAYER_KINDS:
            return LAYER_KINDS[name].read(content, f"{field}.{name}", found, siblings)
        is_word = isinstance(name, str)
        allowed = f"one kind: {one_of(LAYER_KINDS, name if is_word else None)}"
        found.append(Problem(field, shown(name if is_word else value), allowed))
        return NOTHING

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the name of a kind that needs no field, or a mapping of one kind."""
        if "Layer" not in definitions:
            definitions["Layer"] = {}  # the layers of a layer refer to it
            contents = LAYER_KINDS.json_schemas(definitions)
            definitions["Layer"] = LAYER_KINDS.json_schema(mapping_of_one(contents))
        return {"$ref": "#/definitions/Layer"}


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
