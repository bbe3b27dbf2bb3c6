"""Import of a whole recipe: its codec, its quantizer, and the keys ignored on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lrac_audit.design.espnet.coder import Notes
from lrac_audit.design.espnet.decoder import DecoderImport
from lrac_audit.design.espnet.encoder import EncoderImport
from lrac_audit.design.espnet.keys import (
    CODEC_KEYS,
    CODEC_PATTERNS,
    TOP_KEYS,
    TOP_PATTERNS,
    ignore,
)
from lrac_audit.design.espnet.quantizers import (
    QUANTIZERS,
    Frames,
    QuantizerImport,
    QuantizerReader,
    unknown_quantizer,
)
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import Tree
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.validation.reading import merged, with_lines

CODEC_KEY = "codec_conf"
CODEC_NAME = "lrac"
DEFAULT_SAMPLE_RATE_HZ = 24_000
TRANSPARENCY_LIMITS, ENHANCEMENT_LIMITS = "lrac-2025-track1", "lrac-2025-track2"


class Import(NamedTuple):
    """An imported recipe."""

    design: CodecDesign
    ignored: tuple[tuple[str, str], ...]
    """Keys that change neither cost nor delay, each with the reason."""
    own_names: Mapping[str, str]
    """The key of the recipe that each field of the design came from."""


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
    return Import(design, tuple(notes.ignored), notes.origins)


def _refused(
    source: str, tree: Tree, structural: Iterable[Problem], found: Iterable[Problem]
) -> InputError:
    """Return the error of a recipe; a list that is compared twice is a problem once."""
    once = list(dict.fromkeys(structural))
    return InputError(source, with_lines(merged(once, found), tree))


def _codec(top: FieldReader, notes: Notes, name: str) -> CodecDesign:
    codec = top.value("codec", CODEC_NAME)
    read = QUANTIZERS.get(codec) if isinstance(codec, str) else None
    if read is None:
        top.problem("codec", shown(codec), one_of(QUANTIZERS, codec))
        read = unknown_quantizer
    values = top.part(CODEC_KEY, lambda conf: _codec_values(conf, notes, read))
    ignore(top, TOP_KEYS, TOP_PATTERNS, notes.ignored)
    top.finish()
    notes.origins["name"] = "the file's name"
    return CodecDesign(name=name, **values)


def _codec_values(conf: FieldReader, notes: Notes, read: QuantizerReader) -> dict[str, Any]:
    sample_rate_hz = conf.value("sampling_rate", DEFAULT_SAMPLE_RATE_HZ)
    enhancement = conf.value("apply_enhancement", False)
    if type(enhancement) is not bool:
        conf.problem(conf.path("apply_enhancement"), shown(enhancement), "true or false")
    encoder = EncoderImport(conf, notes)
    decoder = DecoderImport(conf, notes, encoder)
    ignore(conf, CODEC_KEYS, CODEC_PATTERNS, notes.ignored)
    notes.origins["sample_rate_hz"] = conf.path("sampling_rate")
    frames = Frames(sample_rate_hz, encoder.hop_samples())
    return {
        "limits": ENHANCEMENT_LIMITS if enhancement is True else TRANSPARENCY_LIMITS,
        "sample_rate_hz": sample_rate_hz,
        "audio_channels": encoder.audio_channels,
        "encoder": encoder.part,
        "decoder": decoder.part,
        "quantizer": conf.part(
            "quantizer_params",
            lambda params: QuantizerImport(params, notes, frames).read(read),
        ),
    }
