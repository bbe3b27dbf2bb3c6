"""The rows of the pages Encoder and Decoder: the layers of the signal path, with their inputs.

Names of rows are those of the ledger, such as ``encoder.blocks.0.residual.1.convs.0``, and fields
those of the native format, such as ``encoder.blocks[0].residual[1].convs[0]``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import (
    Activation,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    ResidualUnit,
    UpConv,
)
from lrac_audit.design.path import decoder_path, encoder_path
from lrac_audit.design.steps import LstmLayer, SkipConv, Step, Sum, field_of, layers

_GEOMETRY = ("dilation", "groups", "causal")


class SheetLayer(NamedTuple):
    """The row of a kind of layer on a page."""

    operation: str
    """The text in the column Operation; empty where a formula stands there."""
    inputs: tuple[str, ...] = ()
    """The columns that somebody types into."""


SHEET_LAYERS: KindRegistry[SheetLayer] = KindRegistry("row in a sheet")
"""The row of each kind of layer."""
SHEET_LAYERS.add(Conv)(SheetLayer("conv", ("kernel", *_GEOMETRY)))
SHEET_LAYERS.add(EdgeConv)(SheetLayer("conv", ("channels", "kernel", *_GEOMETRY)))
SHEET_LAYERS.add(DownConv)(SheetLayer("conv", ("channels", "kernel", "stride", *_GEOMETRY)))
SHEET_LAYERS.add(UpConv)(
    SheetLayer("transposed_conv", ("channels", "kernel", "stride", "groups", "trim"))
)
SHEET_LAYERS.add(SkipConv)(SheetLayer("conv"))
SHEET_LAYERS.add(LstmLayer)(SheetLayer("lstm"))
SHEET_LAYERS.add(Sum)(SheetLayer("add"))
SHEET_LAYERS.add(Activation)(SheetLayer(""))

_CODERS = {"encoder": Encoder, "decoder": Decoder}
_NAME = re.compile(r"(?:encoder|decoder)(?:\.(?:[a-z_]+|\d{1,2}))+")


def is_layer_name(name: object) -> bool:
    """Return whether ``name`` has the form of a layer's name; the path knows which exist."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def is_block_name(name: object) -> bool:
    """Return whether ``name`` is that of a block, whose row sums up the layers below it."""
    return is_layer_name(name) and declared_kind(str(name)) in (EncoderBlock, DecoderBlock)


def input_fields(name: str, kind: type) -> Mapping[str, str]:
    """Return the input columns of the row ``name``, a layer of ``kind``, each with its field."""
    part = field_of(name)
    fields = {key: f"{part}.{key}" for key in SHEET_LAYERS.of_kind(name, kind).inputs}
    if name.endswith(".convs.0"):
        fields["compress"] = part.replace(".convs[0]", ".compress")
    return fields


def declared_kind(name: str) -> Any:
    """Return the class that the parts of a design declare at ``name``; None where they do not."""
    coder, *steps = name.split(".")
    kind: Any = _CODERS.get(coder)
    for step in steps:
        if step.isdigit():
            kind = get_args(kind)[0] if get_origin(kind) is tuple else None
        else:
            kind = _declared_fields(kind).get(step) if isinstance(kind, type) else None
    return kind


@cache
def _declared_fields(part: type) -> Mapping[str, Any]:
    """Return the classes of a part's fields; for a field that may be None, its other class."""
    hints = get_type_hints(part)
    optional = {
        name: [kind for kind in get_args(hint) if kind is not type(None)]
        for name, hint in hints.items()
        if type(None) in get_args(hint)
    }
    return hints | {name: kinds[0] for name, kinds in optional.items()}


def plant(tree: dict[str, Any], field: str, value: object) -> None:
    """Put ``value`` at ``field`` into a tree of mappings and lists, growing it as needed.

    A list grows by what lies between, so that a gap leaves empty mappings.
    """
    steps = [
        int(step) if step.isdigit() else step for step in re.findall(r"[a-z_]+|(?<=\[)\d+", field)
    ]
    here: Any = tree
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            here.extend({} for _ in range(step + 1 - len(here)))
        if following is None:
            here[step] = value
            return
        fresh: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            here[step] = here[step] or fresh
        else:
            here.setdefault(step, fresh)
        here = here[step]


def expected_names(side: str, coder: Mapping[str, Any]) -> list[str]:
    """Return the rows of a page in their order, for the coder that the tree ``coder`` describes."""
    path = _encoder_outline(coder) if side == "encoder" else _decoder_outline(coder)
    return [step.path for step in layers(path)]


def _encoder_outline(coder: Mapping[str, Any]) -> Step:
    """Return the path of an encoder with the same layers, each of the smallest size."""
    blocks = tuple(
        EncoderBlock(_units(block), DownConv(1, 1, 1)) for block in coder.get("blocks", ())
    )
    outline = Encoder(
        input=_edge(coder, "input"),
        blocks=blocks,
        lstm_layers=coder.get("lstm_layers", 0),
        output=_edge(coder, "output"),
    )
    return encoder_path(outline, audio_channels=1)


def _decoder_outline(coder: Mapping[str, Any]) -> Step:
    """Return the path of a decoder with the same layers, each of the smallest size."""
    blocks = tuple(
        DecoderBlock(UpConv(1, 1, 1), _units(block)) for block in coder.get("blocks", ())
    )
    outline = Decoder(
        input=_edge(coder, "input"),
        lstm_layers=coder.get("lstm_layers", 0),
        blocks=blocks,
        output=Conv(1) if "output" in coder else None,
        final_activation=Activation("elu") if "final_activation" in coder else None,
    )
    return decoder_path(outline, latent_dim=1, audio_channels=1, step_samples=1)


def _edge(coder: Mapping[str, Any], key: str) -> EdgeConv | None:
    return EdgeConv(1, 1) if key in coder else None


def _units(block: Mapping[str, Any]) -> tuple[ResidualUnit, ...]:
    return tuple(
        ResidualUnit(
            tuple(Conv(1) for _ in unit.get("convs", ())),
            learnable_skip=bool(unit.get("learnable_skip")),
        )
        for unit in block.get("residual", ())
    )
