"""The figures of a codec that a comparison looks at, read from its audit document.

A document may come from an audit just made or from a file, so every field is checked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lrac_audit.auditing.document import SCHEMA_VERSION
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.validation.kinds import Number


class Quantity(NamedTuple):
    """A figure of a whole codec: its title, its unit, and its place in the audit document."""

    title: str
    unit: str
    place: str
    """The fields that lead to it, with dots between them."""

    @property
    def key(self) -> str:
        """The name of the figure in a document: its place without dots."""
        return self.place.replace(".", "_")


def _memory(side: str) -> list[Quantity]:
    return [
        Quantity(f"{side}, stored", "bytes", f"memory.{side}.stored_bytes.float32"),
        Quantity(f"{side}, state", "bytes", f"memory.{side}.state_bytes"),
        Quantity(f"{side}, scratch", "bytes", f"memory.{side}.scratch_bytes.float32"),
    ]


COST_PARTS = {
    "encoder": "encoder",
    "rvq_transmit": "RVQ, transmit",
    "transmit": "transmit side",
    "rvq_receive": "RVQ, receive",
    "decoder": "decoder",
    "receive": "receive side",
    "overall": "overall",
}
"""Parts of a codec in the document, with their titles."""
QUANTITIES = (
    *(Quantity(title, "", f"complexity.{part}.mflops") for part, title in COST_PARTS.items()),
    Quantity("latency", "ms", "latency.total_ms"),
    Quantity("encoder's receptive field", "samples", "receptive_field.encoder_samples"),
    *_memory("transmit"),
    *_memory("receive"),
    *_memory("undivided"),
    Quantity("bitrate", "kbps", "mode.bitrate_kbps"),
)
"""The figures that are compared; an empty unit is that of the convention."""


@dataclass(frozen=True)
class Layer:
    """One operation of a codec, as the document gives it."""

    name: str
    side: str
    stage: str
    op: str
    channels_in: float
    channels_out: float
    kernel: float
    stride: float
    dilation: float
    groups: float
    rate_hz: float
    mflops: float
    stored_values: float
    state_values: float | None
    delay_ms: float | None


LAYER_TEXTS = ("name", "side", "stage", "op")
UNKNOWN_AT_TIMES = ("state_values", "delay_ms")
"""Numbers of a layer that are null where nothing bounds them, or nothing measured them."""
LAYER_NUMBERS = tuple(name for name in Layer.__annotations__ if name not in LAYER_TEXTS)


@dataclass(frozen=True)
class Figures:
    """The figures of one codec, as far as a comparison needs them."""

    source: str
    """The target as it was given."""
    name: str
    convention: str
    unit: str
    """The unit of every cost."""
    terms: str
    """The limit set, the form of the quantizer and the bitrate."""
    verdict: str
    values: Mapping[str, float | None]
    """By the keys of :data:`QUANTITIES`; None where a figure is unknown or has no bound."""
    layers: tuple[Layer, ...]


TEXT = "a text of printable characters"
FLOAT = Number(-sys.float_info.max, sys.float_info.max)
"""JSON has whole numbers of any size, and of larger ones no float can be made."""


def figures_of(document: Mapping[str, Any], source: str) -> Figures:
    """Return the figures in an audit document.

    Raises:
        InputError: it is no audit document of this version, or lacks a field.
    """
    reader = _Reader(document, source)
    reader.check_version()
    limits, form = reader.text("limits.name"), reader.text_or_none("mode.rvq")
    bitrate = reader.number_or_none("mode.bitrate_kbps")
    terms = [limits, *([form] if form else []), *([] if bitrate is None else [f"{bitrate:g} kbps"])]
    return Figures(
        source=source,
        name=reader.text("design.name"),
        convention=reader.text("convention.name"),
        unit=reader.text("convention.unit"),
        terms=", ".join(terms),
        verdict=reader.text("verdict"),
        values={each.key: reader.number_or_none(each.place) for each in QUANTITIES},
        layers=reader.layers(),
    )


class _Reader:
    """Reads fields of a document, each with the kind of value that it must have."""

    def __init__(self, document: Mapping[str, Any], source: str) -> None:
        self._document = document
        self._source = source

    def check_version(self) -> None:
        found = self._document.get("schema_version")
        if found != SCHEMA_VERSION or isinstance(found, bool):
            self._refuse("schema_version", found, f"{SCHEMA_VERSION}, of an audit document")

    def text(self, place: str) -> str:
        return str(self._checked(place, self._at(place), _is_text, TEXT))

    def text_or_none(self, place: str) -> str | None:
        found = self._at(place)
        return None if found is None else self.text(place)

    def number_or_none(self, place: str) -> float | None:
        found = self._at(place)
        return None if found is None else self._number(place, found)

    def layers(self) -> tuple[Layer, ...]:
        given = self._checked("layers", self._at("layers"), _is_list, "a list of layers")
        return tuple(self._layer(f"layers[{i}]", each) for i, each in enumerate(given))

    def _layer(self, place: str, given: Any) -> Layer:
        fields = self._checked(place, given, _is_mapping, "a mapping of a layer's fields")
        values: dict[str, Any] = {
            name: self._checked(f"{place}.{name}", fields.get(name), _is_text, TEXT)
            for name in LAYER_TEXTS
        }
        for name in LAYER_NUMBERS:
            value = fields.get(name)
            is_unknown = value is None and name in UNKNOWN_AT_TIMES
            values[name] = None if is_unknown else self._number(f"{place}.{name}", value)
        return Layer(**values)

    def _number(self, place: str, given: Any) -> float:
        found: float = self._checked(place, given, _is_number, "a number")
        return found

    def _at(self, place: str) -> Any:
        """Return the value at ``place``; None where it or a part around it is null."""
        found: Any = self._document
        for depth, field in enumerate(fields := place.split(".")):
            if found is None:
                return None
            so_far = ".".join(fields[: depth + 1])
            if not isinstance(found, Mapping) or field not in found:
                self._refuse(so_far, None, "a field of an audit document")
            found = found[field]
        return found

    def _checked(
        self, place: str, given: Any, is_right: Callable[[Any], bool], allowed: str
    ) -> Any:
        if not is_right(given):
            self._refuse(place, given, allowed)
        return given

    def _refuse(self, place: str, given: Any, allowed: str) -> None:
        text = "nothing" if given is None else shown(given)
        raise InputError(self._source, [Problem(place, text, allowed)])


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_number(value: Any) -> bool:
    return FLOAT.accepts(value)
