"""Checks of rules between fields: what must fit, divide or multiply to the same."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.design.bounds import MAX_HOP_SAMPLES
from lrac_audit.design.parts import CodecDesign, DownConv, EdgeConv, Quantizer, ResidualUnit, UpConv
from lrac_audit.errors import Problem, shown


class _Width:
    """A channel count and the field it was chosen in."""

    def __init__(self, channels: int, field: str) -> None:
        self.channels = channels
        self.field = field


class RelationChecks:
    """The rules between fields."""

    def __init__(self, bad_fields: frozenset[str]) -> None:
        self.problems: list[Problem] = []
        self._bad_fields = bad_fields

    def check(self, design: CodecDesign) -> None:
        """Collect every broken rule, in the order of the signal path."""
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
            widths = [_Width(w, width.field) for w in unit.widths(width.channels)]
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
