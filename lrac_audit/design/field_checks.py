"""Checks of single fields: type and range."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.bounds import (
    MAX_NAME_CHARACTERS,
    MAX_PARTS,
    MAX_SAMPLE_RATE_HZ,
    MAX_SIZE,
)
from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DownConv,
    EdgeConv,
    Encoder,
    Quantizer,
    ResidualUnit,
    UpConv,
)
from lrac_audit.errors import Problem, shown


class FieldChecks:
    """Each field by itself: its type and its range."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def check(self, design: CodecDesign) -> None:
        """Collect the problems of every field, in the order of the signal path."""
        self._name(design.name)
        self._whole("sample_rate_hz", design.sample_rate_hz, high=MAX_SAMPLE_RATE_HZ)
        self._whole("audio_channels", design.audio_channels, high=MAX_PARTS)
        self._limits(design.limits)
        self._encoder(design.encoder)
        self._quantizer(design.quantizer)
        self._decoder(design.decoder)

    def _add(self, field: str, given: str, allowed: str) -> None:
        self.problems.append(Problem(field, given, allowed))

    def _whole(self, field: str, value: object, low: int = 1, high: int = MAX_SIZE) -> None:
        if type(value) is not int or not low <= value <= high:
            self._add(field, shown(value), f"a whole number from {low} to {high}")

    def _flag(self, field: str, value: object) -> None:
        if type(value) is not bool:
            self._add(field, shown(value), "true or false")

    def _count(self, field: str, items: Sequence[object], low: int) -> None:
        if not low <= len(items) <= MAX_PARTS:
            allowed = f"{low} to {MAX_PARTS} entries"
            self.problems.append(Problem(field, f"{len(items)} entries", allowed, (field,)))

    def _name(self, name: object) -> None:
        if not (isinstance(name, str) and 0 < len(name) <= MAX_NAME_CHARACTERS):
            self._add("name", shown(name), f"1 to {MAX_NAME_CHARACTERS} printable characters")
        elif not name.isprintable():
            self._add("name", shown(name), "printable characters only")

    def _limits(self, limits: object) -> None:
        if limits is not None and not (isinstance(limits, str) and 0 < len(limits) <= 1000):
            self._add("limits", shown(limits), "the name of a limit set")

    def _activation(self, field: str, activation: Activation) -> None:
        name = activation.name
        kind = ACTIVATIONS.get(name) if isinstance(name, str) else None
        if kind is None:
            self._add(field, shown(name), "one of " + ", ".join(ACTIVATIONS))
            return
        for constant, value in activation.parameters:
            where = f"{field}.{constant}"
            if constant not in kind.constants:
                known = ", ".join(kind.constants) or "no constants"
                self._add(where, shown(value), f"{known} for {name}")
            elif type(value) not in (int, float) or not math.isfinite(value):
                self._add(where, shown(value), "a finite number")

    def _geometry(self, field: str, conv: Conv | EdgeConv | DownConv) -> None:
        self._whole(f"{field}.kernel", conv.kernel)
        self._whole(f"{field}.dilation", conv.dilation)
        self._whole(f"{field}.groups", conv.groups)
        self._flag(f"{field}.causal", conv.causal)

    def _edge(self, field: str, conv: EdgeConv | None) -> None:
        if conv is not None:
            self._whole(f"{field}.channels", conv.channels)
            self._geometry(field, conv)

    def _residual(self, field: str, units: tuple[ResidualUnit, ...]) -> None:
        self._count(field, units, low=0)
        for i, unit in enumerate(units):
            self._count(f"{field}[{i}].convs", unit.convs, low=1)
            self._whole(f"{field}[{i}].compress", unit.compress)
            self._flag(f"{field}[{i}].learnable_skip", unit.learnable_skip)
            for j, conv in enumerate(unit.convs):
                self._geometry(f"{field}[{i}].convs[{j}]", conv)

    def _encoder(self, encoder: Encoder) -> None:
        self._activation("encoder.activation", encoder.activation)
        self._edge("encoder.input", encoder.input)
        self._count("encoder.blocks", encoder.blocks, low=1)
        for i, block in enumerate(encoder.blocks):
            field = f"encoder.blocks[{i}]"
            self._residual(f"{field}.residual", block.residual)
            self._whole(f"{field}.down.channels", block.down.channels)
            self._whole(f"{field}.down.stride", block.down.stride)
            self._geometry(f"{field}.down", block.down)
        self._whole("encoder.lstm_layers", encoder.lstm_layers, low=0, high=MAX_PARTS)
        self._edge("encoder.output", encoder.output)

    def _quantizer(self, quantizer: Quantizer) -> None:
        self._whole("quantizer.layers", quantizer.layers, high=MAX_PARTS)
        self._whole("quantizer.codebook_size", quantizer.codebook_size, low=2)
        if quantizer.codebook_dim is not None:
            self._whole("quantizer.codebook_dim", quantizer.codebook_dim)
        self._count("quantizer.modes", quantizer.modes, low=0)
        for i, mode in enumerate(quantizer.modes):
            self._whole(f"quantizer.modes[{i}]", mode, high=MAX_PARTS)

    def _decoder(self, decoder: Decoder) -> None:
        self._activation("decoder.activation", decoder.activation)
        self._edge("decoder.input", decoder.input)
        self._whole("decoder.lstm_layers", decoder.lstm_layers, low=0, high=MAX_PARTS)
        self._count("decoder.blocks", decoder.blocks, low=1)
        for i, block in enumerate(decoder.blocks):
            field = f"decoder.blocks[{i}]"
            self._up(f"{field}.up", block.up)
            self._residual(f"{field}.residual", block.residual)
        if decoder.output is not None:
            self._geometry("decoder.output", decoder.output)
        if decoder.final_activation is not None:
            self._activation("decoder.final_activation", decoder.final_activation)

    def _up(self, field: str, up: UpConv) -> None:
        self._whole(f"{field}.channels", up.channels)
        self._whole(f"{field}.kernel", up.kernel)
        self._whole(f"{field}.stride", up.stride)
        self._whole(f"{field}.groups", up.groups)
        self._whole(f"{field}.trim_left", up.trim_left, low=0)
