"""The project's own YAML format for designs: read block by block, and written the same way.

``docs/design-format.md`` describes it for people; ``lrac_audit/presets`` shows it.
"""

from __future__ import annotations

from lrac_audit.design.fields import FieldReader, merged
from lrac_audit.design.parts import (
    ELU,
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)
from lrac_audit.design.yaml_source import Tree
from lrac_audit.errors import InputError, Problem, shown

FORMAT_KEY = "lrac_audit_design"
FORMAT_VERSION = 1

TRIM_RIGHT, TRIM_LEFT, TRIM_BOTH = "right", "left", "both"


def read_design(tree: Tree, source: str) -> CodecDesign:
    """The design that ``tree``, the content of an own YAML file, describes.

    Raises:
        InputError: with every problem of the file.
    """
    problems: list[Problem] = []
    reader = FieldReader(tree, "", problems)
    version = reader.value(FORMAT_KEY)
    if version != FORMAT_VERSION or isinstance(version, bool):
        allowed = f"{FORMAT_VERSION}, the version of the format"
        raise InputError(source, [Problem(FORMAT_KEY, shown(version), allowed)])
    try:
        design = _codec(reader)
    except InputError as error:
        raise InputError(source, merged(problems, error.problems)) from None
    if problems:
        raise InputError(source, merged(problems, ()))
    return design


def _codec(reader: FieldReader) -> CodecDesign:
    values = {
        **reader.values("name", "sample_rate_hz", optional=("limits", "audio_channels")),
        "encoder": reader.part("encoder", _encoder),
        "quantizer": reader.part("quantizer", _quantizer),
        "decoder": reader.part("decoder", _decoder),
    }
    reader.finish()
    return CodecDesign(**values)


def _encoder(reader: FieldReader) -> Encoder:
    return Encoder(
        activation=_activation(reader, "activation") or ELU,
        input=reader.optional_part("input", _edge),
        blocks=reader.parts("blocks", _encoder_block),
        output=reader.optional_part("output", _edge),
        **reader.values(optional=("lstm_layers",)),
    )


def _decoder(reader: FieldReader) -> Decoder:
    return Decoder(
        activation=_activation(reader, "activation") or ELU,
        input=reader.optional_part("input", _edge),
        blocks=reader.parts("blocks", _decoder_block),
        output=reader.optional_part("output", _conv),
        final_activation=_activation(reader, "final_activation"),
        **reader.values(optional=("lstm_layers",)),
    )


def _quantizer(reader: FieldReader) -> Quantizer:
    return Quantizer(
        **reader.values("layers", "codebook_size", optional=("codebook_dim",)),
        modes=tuple(reader.items("modes")),
    )


def _encoder_block(reader: FieldReader) -> EncoderBlock:
    return EncoderBlock(reader.parts("residual", _residual), reader.part("down", _down))


def _decoder_block(reader: FieldReader) -> DecoderBlock:
    return DecoderBlock(reader.part("up", _up), reader.parts("residual", _residual))


def _residual(reader: FieldReader) -> ResidualUnit:
    return ResidualUnit(
        convs=reader.parts("convs", _conv),
        **reader.values(optional=("compress", "learnable_skip")),
    )


_GEOMETRY = ("dilation", "groups", "causal")


def _conv(reader: FieldReader) -> Conv:
    return Conv(**reader.values("kernel", optional=_GEOMETRY))


def _edge(reader: FieldReader) -> EdgeConv:
    return EdgeConv(**reader.values("kernel", "channels", optional=_GEOMETRY))


def _down(reader: FieldReader) -> DownConv:
    return DownConv(**reader.values("kernel", "stride", "channels", optional=_GEOMETRY))


def _up(reader: FieldReader) -> UpConv:
    values = reader.values("kernel", "stride", "channels", optional=("groups",))
    trim_left = _trim_left(reader, values["kernel"], values["stride"])
    return UpConv(**values, trim_left=trim_left)


def _trim_left(reader: FieldReader, kernel: object, stride: object) -> int:
    """Samples trimmed at the start; of ``both``, the odd one falls there, as in the recipe."""
    trim = reader.value("trim", TRIM_RIGHT)
    if type(trim) is int and trim >= 0:
        return trim
    if trim not in (TRIM_RIGHT, TRIM_LEFT, TRIM_BOTH):
        allowed = f"{TRIM_RIGHT}, {TRIM_LEFT}, {TRIM_BOTH}, or the samples trimmed on the left"
        reader.problem(reader.path("trim"), shown(trim), allowed)
        return 0
    if trim == TRIM_RIGHT or not (type(kernel) is int and type(stride) is int):
        return 0
    return trimmed_left(trim, max(kernel - stride, 0))


def trimmed_left(trim: str, surplus: int) -> int:
    """How many of a transposed convolution's ``surplus`` samples the word ``trim`` cuts first."""
    return {TRIM_RIGHT: 0, TRIM_LEFT: surplus, TRIM_BOTH: surplus - surplus // 2}[trim]


def _activation(reader: FieldReader, key: str) -> Activation | None:
    given = reader.value(key, None)
    if given is None:
        return None
    if not isinstance(given, dict):
        return Activation(given)
    return reader.part(key, _parametrised)


def _parametrised(reader: FieldReader) -> Activation:
    name = reader.value("name")
    return Activation.of(name, reader.rest())
