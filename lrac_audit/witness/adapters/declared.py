"""Read the sample rate, hop and codebook size that a codec states of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from numbers import Integral
from typing import Any

from torch import Tensor, nn

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.stated_rates import StatedRates

RATE_NAMES = ("sample_rate_hz", "sample_rate", "sampling_rate")
HOP_NAMES = ("hop_samples", "hop_length", "hop_size", "frame_size", "downsample_rate")
FRAME_RATE_NAMES = ("frame_rate_hz", "frame_rate")
RATIO_NAMES = ("downsampling_ratios", "upsampling_ratios", "up_ratios", "encoder_rates")
CHANNEL_NAMES = ("audio_channels", "channels")
CODEBOOK_NAMES = ("codebook_size", "cardinality", "bins", "vocab_size")
LEVEL_NAMES = ("quantization_levels", "levels")


@dataclass(frozen=True)
class Declared:
    """The figures that a codec states of itself, or the user of it."""

    sample_rate_hz: int
    hop_samples: int
    audio_channels: int
    codebook_size: int | None
    """Codewords of one codebook; None where nothing states it."""


def read_declared(model: nn.Module, source: str, stated: StatedRates) -> Declared:
    """Return what ``model`` declares; ``stated`` goes before it.

    The attributes of the model are read first, then those of its configuration and of its encoder.

    Raises:
        InputError: nothing says its sample rate, or nothing its hop, or an attribute is no count.
    """
    problems: list[Problem] = []
    places = list(_places(model))
    rate = stated.sample_rate_hz or _count(places, RATE_NAMES, problems)
    hop = stated.hop_samples or _hop(places, rate, problems)
    if not problems:
        given = f"a {type(model).__name__} that does not say"
        if rate is None:
            problems.append(Problem(RATE_NAMES[0], given, _allowed("--sample-rate", RATE_NAMES)))
        if hop is None:
            problems.append(Problem(HOP_NAMES[0], given, _allowed("--hop", HOP_NAMES)))
    if rate is None or hop is None:
        raise InputError(source, problems)
    channels = _count(places, CHANNEL_NAMES, []) or 1
    return Declared(rate, hop, channels, _codebook_size(places) or _one_size(model))


def _places(model: nn.Module) -> Iterator[object]:
    """Yield the objects whose attributes may state a figure, the model first."""
    yield model
    config = getattr(model, "config", None)
    if config is not None:
        yield config
    encoder = getattr(model, "encoder", None)
    if isinstance(encoder, nn.Module):
        yield encoder


def _hop(places: Sequence[object], rate: int | None, problems: list[Problem]) -> int | None:
    """Return the hop: stated, or the sample rate over the frame rate, or the product of strides."""
    hop = _count(places, HOP_NAMES, problems)
    if hop is not None or problems:
        return hop
    for value in _values(places, FRAME_RATE_NAMES):
        if (
            rate
            and isinstance(value, int | float)
            and value > 0
            and (rate / float(value)).is_integer()
        ):
            return int(rate / float(value))
    for value in _values(places, RATIO_NAMES):
        if isinstance(value, list | tuple) and value and all(map(_is_count, value)):
            return prod(int(ratio) for ratio in value)
    return None


def _codebook_size(places: Sequence[object]) -> int | None:
    size = _count(places, CODEBOOK_NAMES, [])
    if size is not None:
        return size
    for value in _values(places, LEVEL_NAMES):
        if isinstance(value, list | tuple) and value and all(map(_is_count, value)):
            return prod(int(levels) for levels in value)
    return None


def _one_size(model: nn.Module) -> int | None:
    """Return the size that all modules of ``model`` that state one agree on."""
    sizes = {_codebook_size([module]) for module in model.modules()} - {None}
    return sizes.pop() if len(sizes) == 1 else None


def _count(places: Sequence[object], names: Sequence[str], problems: list[Problem]) -> int | None:
    """Return the first of the attributes that is set, and a problem where that is no count."""
    for name in names:
        for value in _values(places, (name,)):
            if _is_count(value):
                return int(value)
            problems.append(Problem(name, shown(value), "a positive whole number"))
            return None
    return None


def _values(places: Sequence[object], names: Sequence[str]) -> Iterator[Any]:
    for name in names:
        for place in places:
            stated = place.get(name) if isinstance(place, Mapping) else getattr(place, name, None)
            if stated is not None and not callable(stated) and not isinstance(stated, Tensor):
                yield stated


def _is_count(value: object) -> bool:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return (whole or (isinstance(value, float) and value.is_integer())) and int(value) > 0  # type: ignore[call-overload]


def _allowed(option: str, names: Sequence[str]) -> str:
    return f"{option}, an AuditTarget, or a module with the attribute {' or '.join(names[:3])}"
