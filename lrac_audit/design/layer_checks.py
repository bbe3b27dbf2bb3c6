"""Rules between the fields of each kind of layer: groups, compression, kernels and trims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.layer import LayerList, kind_name
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
from lrac_audit.design.steps import LstmLayer, LstmStack, SkipConv, Step, Sum
from lrac_audit.errors import Problem, shown

CHANNELS_IN, CHANNELS_OUT = "channels in", "channels out"
"""Stand-ins, in a problem's involved fields, for the fields that set its input and output width."""

Check = Callable[[Step], Sequence[Problem]]
"""Returns the rules that a step breaks; each problem names the other fields that it compares."""
CHECKS: KindRegistry[Check] = KindRegistry("check")
"""The rules of each kind of layer and composite."""


@CHECKS.add(Encoder, EncoderBlock, Decoder, DecoderBlock, LstmStack, LstmLayer, Activation, Sum)
def no_rules(step: Step) -> Sequence[Problem]:
    """Return no problem: the fields of these kinds are good or bad by themselves."""
    return ()


def divisor_of_channels(step: Step, name: str) -> Sequence[Problem]:
    """Return the problem of a layer whose field ``name`` does not divide the channels before it."""
    value = getattr(step.part, name)
    if step.channels_in % value == 0:
        return ()
    allowed = f"a divisor of the {step.channels_in} channels before it"
    return (Problem(f"{step.field}.{name}", shown(value), allowed, (CHANNELS_IN,)),)


@CHECKS.add(LayerList)
def _direction(step: Step) -> Sequence[Problem]:
    """An encoder only lowers the rate, and a decoder only raises it."""
    wrong, word = ("rate_up", "raises") if step.stage == "encoder" else ("rate_down", "lowers")
    return [
        Problem(
            f"{step.field}.layers[{i}]",
            f"{kind_name(layer)}, which {word} the rate",
            f"layers of the {step.stage} that do not",
        )
        for i, layer in enumerate(step.part.layers)
        if getattr(layer, wrong) > 1
    ]


@CHECKS.add(ResidualUnit)
def _compression(step: Step) -> Sequence[Problem]:
    if step.part.compress <= step.channels_in:
        return ()
    allowed = f"at most the {step.channels_in} channels of its block"
    given = shown(step.part.compress)
    return (Problem(f"{step.field}.compress", given, allowed, (CHANNELS_IN,)),)


@CHECKS.add(Conv, EdgeConv, SkipConv)
def check_groups(step: Step) -> Sequence[Problem]:
    """Return the problems of the groups of a convolution."""
    groups = step.part.groups
    if not (step.channels_in % groups or step.channels_out % groups):
        return ()
    sides = f"{step.channels_in} and {step.channels_out}"
    allowed = f"a divisor of the channels before and after it, {sides}"
    involved = CHANNELS_IN, CHANNELS_OUT
    return (Problem(f"{step.field}.groups", shown(groups), allowed, involved),)


@CHECKS.add(DownConv)
def _down(step: Step) -> Sequence[Problem]:
    return [*check_groups(step), *check_reach(step, "samples")]


def check_reach(step: Step, unit: str) -> Sequence[Problem]:
    """Return the problem of a strided kernel that does not reach from one output to the next."""
    conv, field = step.part, step.field
    if conv.padding >= 0:
        return ()
    given = f"{conv.kernel}, which reaches {conv.reach} {unit}"
    allowed = f"a kernel that reaches at least the stride, {conv.stride} {unit}"
    involved = (f"{field}.dilation", f"{field}.stride")
    return (Problem(f"{field}.kernel", given, allowed, involved),)


@CHECKS.add(UpConv)
def _up(step: Step) -> Sequence[Problem]:
    return [*check_groups(step), *check_trim(step)]


def check_trim(step: Step) -> Sequence[Problem]:
    """Return the problem of a kernel or a trim that does not fit a transposed convolution."""
    up, kernel, stride = step.part, f"{step.field}.kernel", f"{step.field}.stride"
    surplus = up.kernel - up.stride
    if 0 <= up.trim_left <= surplus:
        return ()
    if surplus < 0:
        return (Problem(kernel, shown(up.kernel), f"at least the stride, {up.stride}", (stride,)),)
    allowed = f"at most kernel - stride, {surplus} samples"
    return (Problem(f"{step.field}.trim", shown(up.trim_left), allowed, (kernel, stride)),)
