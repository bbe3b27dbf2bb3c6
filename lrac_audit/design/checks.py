"""The rules that every design must keep, whatever it was read from.

First every field is checked by itself, then the rules between fields, each only where all the
fields that it compares are good. So one run reports everything, and nothing twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrac_audit.design.activations import ACTIVATIONS
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
from lrac_audit.errors import InputError, Problem, shown

MAX_SIZE = 1 << 20
"""Largest kernel, dilation, stride, group, channel or codeword count that is believed."""
MAX_PARTS = 64
"""Most blocks in a coder, units in a block, convolutions in a unit, LSTM or RVQ layers."""
MAX_HOP_SAMPLES = 1 << 24
MAX_SAMPLE_RATE_HZ = 10_000_000
MAX_NAME_CHARACTERS = 200


def check_design(design: CodecDesign) -> None:
    """Raise ``InputError`` with every rule that ``design`` breaks."""
    fields = _FieldChecks()
    fields.check(design)
    relations = _RelationChecks(frozenset(p.field for p in fields.problems))
    relations.check(design)
    problems = fields.problems + relations.problems
    if problems:
        name = design.name if isinstance(design.name, str) else "design"
        raise InputError(name, problems)


def unit_widths(unit: ResidualUnit, channels: int) -> list[int]:
    """Channels before, between and after the convolutions of a residual unit."""
    return [channels, *[channels // unit.compress] * (len(unit.convs) - 1), channels]


class _FieldChecks:
    """Each field by itself: its type and its range."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def check(self, design: CodecDesign) -> None:
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


class _Width:
    """A channel count and the field it was chosen in."""

    def __init__(self, channels: int, field: str) -> None:
        self.channels = channels
        self.field = field


class _RelationChecks:
    """The rules between fields."""

    def __init__(self, bad_fields: frozenset[str]) -> None:
        self.problems: list[Problem] = []
        self._bad_fields = bad_fields

    def check(self, design: CodecDesign) -> None:
        latent = self._encoder(design)
        self._modes(design.quantizer)
        self._decoder(design, latent)
        self._hop(design)

    def _good(self, *fields: str) -> bool:
        return self._bad_fields.isdisjoint(fields)

    def _add(self, field: str, given: str, allowed: str, involved: Sequence[str] = ()) -> None:
        self.problems.append(Problem(field, given, allowed, tuple(involved)))

    def _groups(self, field: str, groups: int, before: _Width, after: _Width) -> None:
        where = f"{field}.groups"
        if not self._good(where, before.field, after.field):
            return
        if before.channels % groups or after.channels % groups:
            sides = f"{before.channels} and {after.channels}"
            allowed = f"a divisor of the channels before and after it, {sides}"
            self._add(where, shown(groups), allowed, (before.field, after.field))

    def _edge(self, field: str, conv: EdgeConv | None, before: _Width) -> _Width:
        if conv is None:
            return before
        after = _Width(conv.channels, f"{field}.channels")
        self._groups(field, conv.groups, before, after)
        return after

    def _residual(self, field: str, units: tuple[ResidualUnit, ...], width: _Width) -> None:
        for i, unit in enumerate(units):
            where = f"{field}[{i}]"
            if not self._good(f"{where}.compress", width.field):
                continue
            if unit.compress > width.channels:
                allowed = f"at most the {width.channels} channels of its block"
                self._add(f"{where}.compress", shown(unit.compress), allowed, (width.field,))
                continue
            widths = [_Width(w, width.field) for w in unit_widths(unit, width.channels)]
            for j, conv in enumerate(unit.convs):
                self._groups(f"{where}.convs[{j}]", conv.groups, widths[j], widths[j + 1])

    def _reach(self, field: str, down: DownConv) -> None:
        fields = [f"{field}.{name}" for name in ("kernel", "dilation", "stride")]
        if not self._good(*fields):
            return
        reach = (down.kernel - 1) * down.dilation + 1
        if reach < down.stride:
            given = f"{down.kernel}, which reaches {reach} samples"
            allowed = f"a kernel that reaches at least the stride, {down.stride} samples"
            self._add(fields[0], given, allowed, fields[1:])

    def _trim(self, field: str, up: UpConv) -> None:
        kernel, stride, trim = (f"{field}.{name}" for name in ("kernel", "stride", "trim_left"))
        if not self._good(kernel, stride):
            return
        surplus = up.kernel - up.stride
        if surplus < 0:
            self._add(kernel, shown(up.kernel), f"at least the stride, {up.stride}", (stride,))
        elif self._good(trim) and up.trim_left > surplus:
            allowed = f"at most kernel - stride, {surplus} samples"
            self._add(trim, shown(up.trim_left), allowed, (kernel, stride))

    def _encoder(self, design: CodecDesign) -> _Width:
        encoder = design.encoder
        width = _Width(design.audio_channels, "audio_channels")
        width = self._edge("encoder.input", encoder.input, width)
        for i, block in enumerate(encoder.blocks):
            field = f"encoder.blocks[{i}]"
            self._residual(f"{field}.residual", block.residual, width)
            after = _Width(block.down.channels, f"{field}.down.channels")
            self._groups(f"{field}.down", block.down.groups, width, after)
            self._reach(f"{field}.down", block.down)
            width = after
        return self._edge("encoder.output", encoder.output, width)

    def _modes(self, quantizer: Quantizer) -> None:
        for i, mode in enumerate(quantizer.modes):
            field, before = f"quantizer.modes[{i}]", f"quantizer.modes[{i - 1}]"
            if self._good(field, "quantizer.layers") and mode > quantizer.layers:
                allowed = f"at most the {quantizer.layers} layers"
                self._add(field, shown(mode), allowed, ("quantizer.layers",))
            elif i and self._good(field, before) and mode <= quantizer.modes[i - 1]:
                allowed = f"more than the mode before it, {quantizer.modes[i - 1]}"
                self._add(field, shown(mode), allowed, (before,))

    def _decoder(self, design: CodecDesign, latent: _Width) -> None:
        decoder = design.decoder
        width = self._edge("decoder.input", decoder.input, latent)
        for i, block in enumerate(decoder.blocks):
            field = f"decoder.blocks[{i}]"
            after = _Width(block.up.channels, f"{field}.up.channels")
            self._groups(f"{field}.up", block.up.groups, width, after)
            self._trim(f"{field}.up", block.up)
            width = after
            self._residual(f"{field}.residual", block.residual, width)
        audio = _Width(design.audio_channels, "audio_channels")
        if decoder.output is not None:
            self._groups("decoder.output", decoder.output.groups, width, audio)
        elif self._good(width.field, audio.field) and width.channels != audio.channels:
            given = f"none after {width.channels} channels"
            allowed = f"a layer, or the {audio.channels} audio channels before it"
            self._add("decoder.output", given, allowed, (width.field, audio.field))

    def _hop(self, design: CodecDesign) -> None:
        downs = [f"encoder.blocks[{i}].down.stride" for i in range(len(design.encoder.blocks))]
        ups = [f"decoder.blocks[{i}].up.stride" for i in range(len(design.decoder.blocks))]
        if not self._good("encoder.blocks", "decoder.blocks", *downs, *ups):
            return
        hop, decoder_hop = design.encoder.hop_samples, design.decoder.hop_samples
        if hop > MAX_HOP_SAMPLES:
            allowed = f"a hop of at most {MAX_HOP_SAMPLES} samples"
            self._add("encoder.blocks", f"strides that multiply to {hop}", allowed, downs)
        if hop != decoder_hop:
            given = f"strides that multiply to {decoder_hop}"
            allowed = f"the encoder's hop, {hop} samples"
            self._add("decoder.blocks", given, allowed, (*downs, *ups))
