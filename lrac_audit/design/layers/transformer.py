"""Transformer layers whose attention reaches a window of steps (Vaswani et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from lrac_audit.design.activations import Activation
from lrac_audit.design.bounds import MAX_PARTS, MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHANNELS_IN, CHECKS, no_rules
from lrac_audit.design.layers.linear import Linear
from lrac_audit.design.layers.norms import LayerNorm, RmsNorm
from lrac_audit.design.layers.scale import Scale
from lrac_audit.design.path import COMPOSITES, Position, Steps
from lrac_audit.design.steps import Step, Sum
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Whole

Size = Annotated[int, Whole(1, MAX_SIZE)]
PositionCode = Literal["none", "rotary", "learned"]


@layer_kind("transformer")
@dataclass(frozen=True, slots=True)
class Transformer(Layer):
    """Layers of attention to a window of steps and a feed-forward part, each behind its norm."""

    window: Size
    """Steps that a step attends to, itself included; ``look_ahead`` comes on top."""
    heads: Size = 1
    """Parts of the width that attend by themselves; must divide the channels."""
    layers: Annotated[int, Whole(1, MAX_PARTS)] = 1
    """Layers, each of which takes the output of the one before."""
    look_ahead: Annotated[int, Whole(0, MAX_SIZE)] = 0
    """Later steps that a step of each layer attends to, for which it waits."""
    position: PositionCode = "none"
    """``rotary`` turns queries and keys by their step (Su et al. 2021); ``learned`` adds to each
    score a value for its head and distance."""
    feed_forward: Size | None = None
    """Channels inside the feed-forward part. None is four times the width."""
    gated: bool = False
    """Whether the feed-forward part is ``down(silu(gate(x)) * up(x))`` (Shazeer 2020), and not
    ``down(gelu(up(x)))``."""
    norm: Literal["layer", "rms"] = "layer"
    """Norm before each of the two parts."""
    scale: bool = False
    """Whether each of the two parts ends with a learned factor for each channel."""
    bias: bool = True
    """Whether the linear maps add learned values."""

    @property
    def look_ahead_steps(self) -> int:
        """Steps that an output waits for, over all layers."""
        return self.layers * self.look_ahead


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """One of the two parts of a layer, with a skip path around it."""


@dataclass(frozen=True, slots=True)
class WindowAttention:
    """Attention of queries to keys and values that stand one after another in the channels."""

    window: int
    look_ahead: int
    heads: int
    position: PositionCode

    @property
    def keys(self) -> int:
        """Steps that a step attends to in a stream."""
        return self.window + self.look_ahead


@dataclass(frozen=True, slots=True)
class Gate:
    """The first half of the channels, behind a SiLU, times the second half."""


@COMPOSITES.add(Transformer)
def _steps(at: Position, path: str, part: Transformer) -> Steps:
    for i in range(part.layers):
        for name, steps in (("attention", _attention), ("feed_forward", _feed_forward)):
            inner = f"{path}.{i}.{name}"
            yield at.composite(inner, SkippedPart(), steps(at, inner, part))


def _attention(at: Position, path: str, part: Transformer) -> Steps:
    width = at.channels
    attention = WindowAttention(part.window, part.look_ahead, part.heads, part.position)
    yield at.layer(f"{path}.norm", _norm(part), width)
    yield at.layer(f"{path}.qkv", Linear(3 * width, part.bias), 3 * width)
    yield at.layer(f"{path}.attend", attention, width)
    yield at.layer(f"{path}.out", Linear(width, part.bias), width)
    yield from _end(at, path, part, part.look_ahead)


def _feed_forward(at: Position, path: str, part: Transformer) -> Steps:
    width = at.channels
    wide = part.feed_forward or 4 * width
    mapped = 2 * wide if part.gated else wide
    yield at.layer(f"{path}.norm", _norm(part), width)
    yield at.layer(f"{path}.up", Linear(mapped, part.bias), mapped)
    if part.gated:
        yield at.layer(f"{path}.gate", Gate(), wide)
    else:
        yield at.layer(f"{path}.activation", Activation("gelu"), wide)
    yield at.layer(f"{path}.down", Linear(width, part.bias), width)
    yield from _end(at, path, part, 0)


def _norm(part: Transformer) -> LayerNorm | RmsNorm:
    return RmsNorm() if part.norm == "rms" else LayerNorm()


def _end(at: Position, path: str, part: Transformer, look_ahead: int) -> Steps:
    if part.scale:
        yield at.layer(f"{path}.scale", Scale(), at.channels)
    yield at.layer(f"{path}.add", Sum(look_ahead), at.channels)


@CHECKS.add(Transformer)
def _heads(step: Step) -> Sequence[Problem]:
    """The heads divide the width; a rotary position turns pairs of a head's channels."""
    heads, rotary = step.part.heads, step.part.position == "rotary"
    if step.channels_in % (2 * heads if rotary else heads) == 0:
        return ()
    width = f"the {step.channels_in} channels before it"
    pairs = " into an even number each, for position: rotary" if rotary else ""
    involved = (CHANNELS_IN, f"{step.field}.position")
    allowed = f"heads that divide {width}{pairs}"
    return (Problem(f"{step.field}.heads", shown(heads), allowed, involved),)


CHECKS.add(SkippedPart, WindowAttention, Gate)(no_rules)
