"""Checks of the rules between fields: channels, modes, and the hops of both coders."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from lrac_audit.design.bounds import MAX_HOP_SAMPLES
from lrac_audit.design.layer import Layer, LayerList, kind_name
from lrac_audit.design.layer_checks import CHANNELS_IN, CHANNELS_OUT, CHECKS
from lrac_audit.design.layers.parallel import Parallel
from lrac_audit.design.layers.residual import Residual
from lrac_audit.design.parts import CodecDesign, ResidualUnit
from lrac_audit.design.path import decoder_path, encoder_path
from lrac_audit.design.quantizer import QuantizerKind, quantizer_field
from lrac_audit.design.steps import Branch, Step, layers
from lrac_audit.errors import Problem, shown

Fields = tuple[str, ...]
Setters = dict[str, tuple[Fields, Fields]]
"""The fields that set the channels before and after each step, by its path."""


class RelationChecks:
    """The rules between fields, each checked only where every field that it compares is good.

    A field that breaks a rule is not good for those after it: they would repeat the same fault.
    """

    def __init__(self, bad_fields: frozenset[str]) -> None:
        self.problems: list[Problem] = []
        self._bad_fields = bad_fields

    def check(self, design: CodecDesign) -> None:
        """Collect every broken rule, in the order of the signal path."""
        encoder, decoder, audio = design.encoder, design.decoder, design.audio_channels
        quantizer = design.quantizer
        if self._bad_fields:
            encoder = _with_stand_ins(encoder, "encoder", self._bad_fields)
            decoder = _with_stand_ins(decoder, "decoder", self._bad_fields)
            audio = _with_stand_ins(audio, "audio_channels", self._bad_fields)
            quantizer = _with_stand_ins(quantizer, quantizer_field(quantizer), self._bad_fields)
        sent = encoder_path(encoder, audio)
        received = decoder_path(decoder, sent.channels_out, audio, encoder.rate_change)
        self._layers(sent, sent, received)
        self._quantizer(quantizer, sent, received)
        self._layers(received, sent, received)
        self._audio_channels(sent, received, audio)
        self._hop(design, sent, received)

    def check_rates(self, design: CodecDesign) -> None:
        """Collect the broken rules about modes, frames and hops, which no width or kernel is in."""
        sent = encoder_path(design.encoder, design.audio_channels)
        received = decoder_path(
            design.decoder, sent.channels_out, design.audio_channels, design.encoder.rate_change
        )
        field = quantizer_field(design.quantizer)
        self._modes(design.quantizer, field)
        self._frame(design.quantizer, field, sent)
        for coder in (sent, received):
            self.problems += CHECKS.of(coder.path, coder.part)(coder)
        self._hop(design, sent, received)

    def _good(self, *names: str) -> bool:
        broken = (problem.field for problem in self.problems)
        return self._bad_fields.union(broken).isdisjoint(names)

    def _add(self, problem: Problem) -> None:
        if self._good(problem.field, *problem.involved):
            self.problems.append(problem)

    def _layers(self, coder: Step, sent: Step, received: Step) -> None:
        """Check every step of ``coder``; the fields that set its channels are found on demand."""
        broken: list[tuple[Step, Problem]] = []
        _collect(coder, broken)
        for step, problem in broken:
            before, after = _setters(sent, received)[step.path]
            names = {CHANNELS_IN: before, CHANNELS_OUT: after}
            involved = (name for given in problem.involved for name in names.get(given, (given,)))
            self._add(problem._replace(involved=tuple(dict.fromkeys(involved))))

    def _audio_channels(self, sent: Step, received: Step, audio_channels: int) -> None:
        after = received.channels_out
        if after == audio_channels:
            return
        if isinstance(received.part, LayerList):
            field, given = "decoder.layers", f"layers that end with {after} channels"
            allowed = f"layers that end with the {audio_channels} audio channels"
        else:
            field, given = "decoder.output", f"none after {after} channels"
            allowed = f"a layer, or the {audio_channels} audio channels before it"
        involved = (*_setters(sent, received)["decoder"][1], "audio_channels")
        self._add(Problem(field, given, allowed, involved))

    def _quantizer(self, quantizer: QuantizerKind, sent: Step, received: Step) -> None:
        """Check the modes of the quantizer, and what its kind demands of the latent."""
        field = quantizer_field(quantizer)
        self._modes(quantizer, field)
        self._frame(quantizer, field, sent)
        for problem in quantizer.relations(sent.channels_out):
            inside = problem.inside(field)
            width = _latent_setters(sent, _setters(sent, received))
            self._add(inside._replace(involved=(*inside.involved, *width)))

    def _frame(self, quantizer: QuantizerKind, field: str, sent: Step) -> None:
        step_samples, steps = sent.part.rate_change, quantizer.frame_steps
        if step_samples <= MAX_HOP_SAMPLES < step_samples * steps:
            given = f"a frame of {steps} steps of {step_samples} samples"
            allowed = f"a frame of at most {MAX_HOP_SAMPLES} samples"
            self._add(Problem(field, given, allowed, tuple(_rate_fields(sent))))

    def _modes(self, quantizer: QuantizerKind, where: str) -> None:
        layers = f"{where}.layers"
        for i, mode in enumerate(quantizer.modes):
            field, before = f"{where}.modes[{i}]", f"{where}.modes[{i - 1}]"
            if self._good(field, layers) and mode > quantizer.layers:
                allowed = f"at most the {quantizer.layers} layers"
                self._add(Problem(field, shown(mode), allowed, (layers,)))
            elif i and self._good(field, before) and mode <= quantizer.modes[i - 1]:
                allowed = f"more than the mode before it, {quantizer.modes[i - 1]}"
                self._add(Problem(field, shown(mode), allowed, (before,)))

    def _hop(self, design: CodecDesign, sent: Step, received: Step) -> None:
        downs, ups = _rate_fields(sent), _rate_fields(received)
        lists = [_list_field(coder) for coder in (sent, received)]
        turns_back = any(CHECKS.of(coder.path, coder.part)(coder) for coder in (sent, received))
        if turns_back or not self._good(*lists, *downs, *ups):
            return
        hop, decoder_hop = design.encoder.rate_change, design.decoder.rate_change
        if hop > MAX_HOP_SAMPLES:
            given = f"strides that multiply to {hop}"
            allowed = f"a hop of at most {MAX_HOP_SAMPLES} samples"
            self._add(Problem(lists[0], given, allowed, tuple(downs)))
        if hop != decoder_hop:
            given = f"strides that multiply to {decoder_hop}"
            allowed = f"the encoder's hop, {hop} samples"
            self._add(Problem(lists[1], given, allowed, (*downs, *ups)))


def _collect(step: Step, found: list[tuple[Step, Problem]]) -> None:
    """Add the rules that ``step`` breaks to ``found``, or else those that its inner steps break."""
    problems = CHECKS.of(step.path, step.part)(step)
    if problems:
        found += [(step, problem) for problem in problems]
    elif step.inner:
        for inner in step.inner:
            _collect(inner, found)


def _setters(sent: Step, received: Step) -> Setters:
    encoder = _channel_setters(sent, ("audio_channels",))
    return encoder | _channel_setters(received, _latent_setters(sent, encoder))


def _latent_setters(sent: Step, setters: Setters) -> Fields:
    """Return the fields that set the channels of the latent.

    Where no layer of the encoder does, its list is one of them: a layer in it could.
    """
    found = setters[sent.path][1]
    return (*found, _list_field(sent)) if "audio_channels" in found else found


def _channel_setters(step: Step, before: Fields) -> Setters:
    if isinstance(step.part, ResidualUnit):
        inside = (*before, f"{step.field}.compress")
        inner = {each.path: (inside, inside) for each in step.inner or ()}
        return inner | {step.path: (before, before)}
    if step.inner is None:
        return {step.path: (before, _fields_after(step, before))}
    found: Setters = {}
    after = before
    for each in step.inner:
        is_branch = isinstance(each.part, Branch)
        found |= _channel_setters(each, before if is_branch else after)
        after = (*(after if is_branch else ()), *found[each.path][1])
    keeps_width = isinstance(step.part, Layer) and step.channels_in == step.channels_out
    if keeps_width and not isinstance(step.part, Parallel | Residual):
        after = before  # a block of one width: the layers inside it are no fields
    return found | {step.path: (before, after)}


def _fields_after(step: Step, before: Fields) -> Fields:
    """Return the fields that set the channels after a layer, given those before it."""
    for name in ("channels", "width"):
        if getattr(step.part, name, None) is not None:
            return (f"{step.field}.{name}",)
    if isinstance(step.part, Layer) and step.part.width_fields:
        return (*before, *(f"{step.field}.{name}" for name in step.part.width_fields))
    return ("audio_channels",) if step.path == "decoder.output" else before


def _with_stand_ins(part: Any, field: str, bad_fields: frozenset[str]) -> Any:
    """Return ``part`` with a 1 for each bad value, so that the path through the rest is defined."""
    if isinstance(part, Layer):
        field = f"{field}.{kind_name(part)}" if field.endswith("]") else field
    if isinstance(part, tuple):
        return tuple(_with_stand_ins(p, f"{field}[{i}]", bad_fields) for i, p in enumerate(part))
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **_fields_with_stand_ins(part, field, bad_fields))
    return 1 if field in bad_fields else part


def _fields_with_stand_ins(part: Any, field: str, bad_fields: frozenset[str]) -> dict[str, Any]:
    return {
        f.name: _with_stand_ins(getattr(part, f.name), f"{field}.{f.name}", bad_fields)
        for f in fields(part)
    }


def _list_field(coder: Step) -> str:
    """Return the field with the blocks or the layers of a coder."""
    return f"{coder.path}.{'layers' if isinstance(coder.part, LayerList) else 'blocks'}"


def _rate_fields(coder: Step) -> list[str]:
    """Return the fields of a coder that change the rate."""
    return [
        f"{step.field}.{name}"
        for step in layers(coder)
        for name in ("stride", "factor", "hop")
        if hasattr(step.part, name)
    ]


def broken_rules(design: CodecDesign, bad_fields: frozenset[str]) -> list[Problem]:
    """Return the rules that ``design`` breaks, of those that compare no ``bad_fields``."""
    relations = RelationChecks(bad_fields)
    relations.check(design)
    return relations.problems


def broken_rates(design: CodecDesign) -> list[Problem]:
    """Return the rules about modes, frames and hops that ``design`` breaks."""
    relations = RelationChecks(frozenset())
    relations.check_rates(design)
    return relations.problems
