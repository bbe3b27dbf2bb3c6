"""The list of all knobs of a design.

Each number and each flag is one: kernels, widths, dilations, groups, look-aheads, causality, LSTM
layers, codebooks. Fields that only make sense together are one knob: a stride and the one that
undoes it, the layers of a quantizer and its modes, the residual units of a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from typing import Any

from lrac_audit.auditing.changing.consistent import Fields
from lrac_audit.auditing.changing.field_knobs import (
    CodebookSizeKnob,
    FieldKnob,
    FlagKnob,
    QuantizerLayersKnob,
    UnitCountKnob,
)
from lrac_audit.auditing.changing.knob import Knob
from lrac_audit.auditing.changing.stride_pairs import RATES, stride_pairs
from lrac_audit.design.addresses import Address
from lrac_audit.design.parts import CodecDesign, Decoder, DecoderBlock, Encoder, EncoderBlock
from lrac_audit.design.quantizer import quantizer_name

NOT_KNOBS = ("sample_rate_hz", "audio_channels", "modes")
"""Fields that the use of the codec sets."""


def knobs(fields: Fields) -> list[Knob]:
    """Return every knob of a design, in the order of its file; pairs of strides come last."""
    quantizer = _quantizer_layers(fields.design)
    own = {at for knob in quantizer for at in knob.addresses}
    single = [
        _field_knob(address, value)
        for address, value in fields.values.items()
        if address not in own and not _is_set_elsewhere(address, value)
    ]
    return [*single, *_unit_counts(fields.design), *quantizer, *stride_pairs(fields)]


def _is_set_elsewhere(address: Address, value: object) -> bool:
    if isinstance(value, float):
        return True
    return address[-1] in RATES or bool(set(NOT_KNOBS).intersection(address))


def _field_knob(address: Address, value: int) -> Knob:
    if isinstance(value, bool):
        return FlagKnob(address, int(value))
    kind = CodebookSizeKnob if "codebook_size" in address else FieldKnob
    return kind(address, value)


def _unit_counts(design: CodecDesign) -> Iterator[Knob]:
    coders: dict[str, Any] = {"encoder": design.encoder, "decoder": design.decoder}
    for side, coder in coders.items():
        blocks: tuple[EncoderBlock | DecoderBlock, ...] = ()
        if isinstance(coder, Encoder | Decoder):
            blocks = coder.blocks
        for i, block in enumerate(blocks):
            if block.residual:
                yield UnitCountKnob((side, "blocks", i, "residual"), block.residual)


def _quantizer_layers(design: CodecDesign) -> list[Knob]:
    """Return the knob of the layers; none where they are no field of their own."""
    quantizer: Any = design.quantizer
    if not any(field.name == "layers" for field in dataclass_fields(quantizer)):
        return []
    return [QuantizerLayersKnob(quantizer_address(quantizer), quantizer)]


def quantizer_address(quantizer: object) -> Address:
    """Return the address of the fields of a quantizer."""
    name = quantizer_name(quantizer)
    return ("quantizer",) if name is None else ("quantizer", name)
