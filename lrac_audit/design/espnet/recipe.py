"""Import of a whole recipe: its codec, its quantizer, and the keys ignored on purpose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.design.bounds import MAX_SAMPLE_RATE_HZ
from lrac_audit.design.espnet.coder import Notes
from lrac_audit.design.espnet.decoder import DecoderImport
from lrac_audit.design.espnet.encoder import EncoderImport
from lrac_audit.design.espnet.keys import (
    CODEC_KEYS,
    CODEC_PATTERNS,
    QUANTIZER_KEYS,
    QUANTIZER_PATTERNS,
    TOP_KEYS,
    TOP_PATTERNS,
    described,
)
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.parts import CodecDesign, Quantizer
from lrac_audit.design.yaml_source import Tree
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.validation.reading import merged, with_lines

CODEC_KEY = "codec_conf"
CODEC_NAME = "lrac"
DEFAULT_SAMPLE_RATE_HZ = 24_000
TRANSPARENCY_LIMITS, ENHANCEMENT_LIMITS = "lrac-2025-track1", "lrac-2025-track2"


Patterns = MappingProxyType[str, str]


class Import(NamedTuple):
    """An imported recipe."""

    design: CodecDesign
    ignored: tuple[tuple[str, str], ...]
    """Keys that change neither cost nor delay, each with the reason."""


def read_recipe(tree: Tree, source: str, name: str) -> Import:
    """Return the design that ``tree``, the content of a recipe's ``train.yaml``, trains.

    ``name`` becomes the design's name, since a recipe has none. A recipe that trains enhancement
    is meant for the limits of Track 2, any other for those of Track 1.

    Raises:
        InputError: with every problem of the file, under the recipe's own field names.
    """
    problems: list[Problem] = []
    notes = Notes()
    top = FieldReader(tree, "", problems)
    try:
        design = _codec(top, notes, name)
    except InputError as error:
        renamed = error.renamed(source, notes.origins)
        raise _refused(source, tree, problems, renamed.problems) from None
    if problems:
        raise _refused(source, tree, problems, ())
    return Import(design, tuple(notes.ignored))


def _refused(
    source: str, tree: Tree, structural: Iterable[Problem], found: Iterable[Problem]
) -> InputError:
    """Return the error of a recipe; a list that is compared twice is a problem once."""
    once = list(dict.fromkeys(structural))
    return InputError(source, with_lines(merged(once, found), tree))


def _codec(top: FieldReader, notes: Notes, name: str) -> CodecDesign:
    codec = top.value("codec", CODEC_NAME)
    if codec != CODEC_NAME:
        top.problem("codec", shown(codec), CODEC_NAME)
    values = top.part(CODEC_KEY, lambda conf: _codec_values(conf, notes))
    _ignore(top, TOP_KEYS, TOP_PATTERNS, notes)
    top.finish()
    notes.origins["name"] = "the file's name"
    return CodecDesign(name=name, **values)


def _codec_values(conf: FieldReader, notes: Notes) -> dict[str, Any]:
    sample_rate_hz = conf.value("sampling_rate", DEFAULT_SAMPLE_RATE_HZ)
    enhancement = conf.value("apply_enhancement", False)
    if type(enhancement) is not bool:
        conf.problem(conf.path("apply_enhancement"), shown(enhancement), "true or false")
    encoder = EncoderImport(conf, notes)
    decoder = DecoderImport(conf, notes, encoder)
    _ignore(conf, CODEC_KEYS, CODEC_PATTERNS, notes)
    notes.origins["sample_rate_hz"] = conf.path("sampling_rate")
    frame_samples = encoder.hop_samples()
    return {
        "limits": ENHANCEMENT_LIMITS if enhancement is True else TRANSPARENCY_LIMITS,
        "sample_rate_hz": sample_rate_hz,
        "audio_channels": encoder.audio_channels,
        "encoder": encoder.part,
        "decoder": decoder.part,
        "quantizer": conf.part(
            "quantizer_params",
            lambda params: _quantizer(params, notes, sample_rate_hz, frame_samples),
        ),
    }


def _ignore(reader: FieldReader, keys: Mapping[str, str], patterns: Patterns, notes: Notes) -> None:
    present = reader.values(keys)
    notes.ignored.extend((reader.path(key), keys[key]) for key in present)
    for key, reason in [*described(reader.unread, patterns)]:
        reader.value(key)
        notes.ignored.append((reader.path(key), reason))


def _quantizer(
    params: FieldReader, notes: Notes, sample_rate_hz: Any, hop_samples: int | None
) -> Quantizer:
    names = {
        "layers": "quantizer_n_q",
        "codebook_size": "quantizer_bins",
        "codebook_dim": "quantizer_codebook_dim",
    }
    names = {ours: _spelling(params, theirs) for ours, theirs in names.items()}
    values = {ours: params.value(theirs) for ours, theirs in names.items()}
    notes.origins |= {f"quantizer.{ours}": params.path(theirs) for ours, theirs in names.items()}
    bandwidth_key = _spelling(params, "quantizer_target_bandwidth")
    bandwidths = params.items(bandwidth_key)
    notes.origins["quantizer.modes"] = params.path(bandwidth_key)
    modes: list[int] = []
    for i, bandwidth in enumerate(bandwidths):
        if type(bandwidth) not in (int, float) or not 0 < bandwidth < math.inf:
            where = f"{params.path(bandwidth_key)}[{i}]"
            params.problem(where, shown(bandwidth), "a positive number of kbps")
        elif hop_samples and all(_positive(v) for v in (sample_rate_hz, *values.values())):
            bits = math.log2(values["codebook_size"])
            kbps_per_layer = bits * math.ceil(sample_rate_hz / hop_samples) / 1000
            modes.append(_active_layers(bandwidth, kbps_per_layer, values["layers"]))
    _ignore(params, QUANTIZER_KEYS, QUANTIZER_PATTERNS, notes)
    return Quantizer(**values, modes=tuple(sorted(set(modes))))


def _spelling(params: FieldReader, key: str) -> str:
    """Return ``key`` or, where the file has that instead, the same without its prefix."""
    short = key.removeprefix("quantizer_")
    return short if short in params.unread and key not in params.unread else key


def _positive(value: object) -> bool:
    return type(value) is int and 0 < value <= MAX_SAMPLE_RATE_HZ


def _active_layers(bandwidth_kbps: float, kbps_per_layer: float, layers: int) -> int:
    """Return the layers that the recipe uses for a target bandwidth: at least one, at most all."""
    if kbps_per_layer == 0:
        return layers
    return min(max(1, math.floor(bandwidth_kbps / kbps_per_layer)), layers)
