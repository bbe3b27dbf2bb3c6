"""Import of a quantizer from the ``quantizer_params`` of the recipe and of its public forks.

The value of ``codec`` says which quantizer the parameters are of. Each key may have the prefix
``quantizer_`` or not, as forks write it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.design.bounds import MAX_SAMPLE_RATE_HZ
from lrac_audit.design.espnet.coder import Notes
from lrac_audit.design.espnet.keys import QUANTIZER_KEYS, QUANTIZER_PATTERNS, ignore
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.parts import Quantizer
from lrac_audit.design.quantizer import QuantizerKind, quantizer_field
from lrac_audit.design.quantizers.continuous import NoQuantizer
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.errors import shown
from lrac_audit.validation.kinds import NOTHING

PREFIX = "quantizer_"


class Frames(NamedTuple):
    """The frames that turn bits into a bitrate, from values that are not checked yet."""

    sample_rate_hz: Any
    hop_samples: int | None

    @property
    def rate_hz(self) -> int:
        """Frames per second, rounded up as the recipe does; 0 where a value is unusable."""
        usable = self.hop_samples and _positive(self.sample_rate_hz)
        return -(-self.sample_rate_hz // self.hop_samples) if usable else 0


class QuantizerImport:
    """The reading of one ``quantizer_params``, and where in it each field came from."""

    def __init__(self, params: FieldReader, notes: Notes, frames: Frames) -> None:
        self._params = params
        self._notes = notes
        self._frames = frames
        self._origins: dict[str, str] = {}

    def read(self, reader: QuantizerReader) -> QuantizerKind:
        """Return what ``reader`` finds, once the origins of its fields are noted."""
        quantizer = reader(self)
        ignore(self._params, QUANTIZER_KEYS, QUANTIZER_PATTERNS, self._notes.ignored)
        inside = quantizer_field(quantizer)
        for field, key in self._origins.items():
            self._notes.origins[f"{inside}.{field}"] = self._params.path(key)
        return quantizer

    def value(self, field: str, *keys: str) -> Any:
        """Return the value of the first of ``keys`` that is there, as that of ``field``."""
        key = self._spelling(*keys)
        self._origins[field] = key
        return self._params.value(key)

    def listed(self, field: str, key: str) -> Any:
        """Return the list at ``key`` as a tuple, as that of ``field``; NOTHING for none."""
        found = self._spelling(key)
        is_there = found in self._params.unread
        values = self._params.items(found)
        self._origins |= {f"{field}[{i}]": f"{found}[{i}]" for i in range(len(values))}
        self._origins[field] = found
        return tuple(values) if is_there else NOTHING

    def has(self, key: str) -> bool:
        """Return whether the file has ``key``, with its prefix or without."""
        return self._spelling(key) in self._params.unread

    def fixed(self, key: str, only: object) -> None:
        """Accept ``key`` at its one value that changes nothing."""
        name = self._spelling(key)
        value = self._params.value(name, only)
        if type(value) is not type(only) or value != only:
            self._params.problem(self._params.path(name), shown(value), json.dumps(only))

    def modes(self, bits: float | None, layers: Any) -> tuple[int, ...]:
        """Return the active layers that the target bandwidths make, given the bits of a layer."""
        key = self._spelling("target_bandwidth")
        self._origins["modes"] = key
        rate_hz, modes = self._frames.rate_hz, set()
        for i, bandwidth in enumerate(self._params.items(key)):
            if type(bandwidth) not in (int, float) or not 0 < bandwidth < math.inf:
                where = self._params.path(f"{key}[{i}]")
                self._params.problem(where, shown(bandwidth), "a positive number of kbps")
            elif rate_hz and bits is not None and _positive(layers):
                modes.add(_active_layers(bandwidth, bits * rate_hz / 1000, layers))
        return tuple(sorted(modes))

    def skip(self) -> None:
        """Leave all keys unread without a word."""
        for key in self._params.unread:
            self._params.value(key)

    def _spelling(self, *keys: str) -> str:
        """Return the first of ``keys`` that the file has, as written there: the first if none."""
        spelled = [spelling for key in keys for spelling in (PREFIX + key, key)]
        return next((key for key in spelled if key in self._params.unread), spelled[0])


QuantizerReader = Callable[[QuantizerImport], QuantizerKind]
"""Reads the quantizer of one value of ``codec``; values are checked with the whole design."""


def _residual_vq(found: QuantizerImport) -> QuantizerKind:
    """Return a residual vector quantizer, or one for each of several groups of channels."""
    groups = found.value("groups", "groups", "n_groups") if _is_grouped(found) else 1
    layers = found.value("layers", "n_q")
    size = found.value("codebook_size", "bins")
    dim = found.value("codebook_dim", "codebook_dim")
    usable = all(_positive(value) for value in (groups, size, dim))
    modes = found.modes(groups * math.log2(size) if usable else None, layers)
    if type(groups) is int and groups == 1:
        return Quantizer(layers, size, dim, modes)
    return GroupedRvq(groups, layers, size, dim, modes)


def _is_grouped(found: QuantizerImport) -> bool:
    return found.has("groups") or found.has("n_groups")


def _residual_fsq(found: QuantizerImport) -> QuantizerKind:
    """Return a finite scalar quantizer of several residual layers."""
    found.fixed("soft_clamp_input_value", None)
    return _fsq(found, found.value("layers", "num_quantizers", "n_q"))


def _plain_fsq(found: QuantizerImport) -> QuantizerKind:
    """Return a finite scalar quantizer of one layer."""
    return _fsq(found, 1)


def _fsq(found: QuantizerImport, layers: Any) -> QuantizerKind:
    found.fixed("num_codebooks", 1)
    found.fixed("projection_has_bias", True)
    levels = found.listed("levels", "levels")
    usable = levels is not NOTHING and all(_positive(level) for level in levels)
    bits = math.log2(math.prod(levels)) if usable else None
    return Fsq(levels, layers, found.modes(bits, layers))


QUANTIZERS: Mapping[str, QuantizerReader] = MappingProxyType(
    {
        "lrac": _residual_vq,
        "lrac_rewrite": _residual_vq,
        "lrac_rewrite_enh": _residual_vq,
        "lrac_universa": _residual_vq,
        "lrac_rfsq": _residual_fsq,
        "lrac_onefsq": _plain_fsq,
    }
)
"""How the quantizer of each known value of ``codec`` is read."""


def unknown_quantizer(found: QuantizerImport) -> QuantizerKind:
    """Return no quantizer: nobody knows what the parameters of an unknown codec mean."""
    found.skip()
    return NoQuantizer()


def _positive(value: object) -> bool:
    return type(value) is int and 0 < value <= MAX_SAMPLE_RATE_HZ


def _active_layers(bandwidth_kbps: float, kbps_per_layer: float, layers: int) -> int:
    """Return the layers that the recipe uses for a target bandwidth: at least one, at most all."""
    if kbps_per_layer == 0:
        return layers
    return min(max(1, math.floor(bandwidth_kbps / kbps_per_layer)), layers)
