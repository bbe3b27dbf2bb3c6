"""Layers with a skip path around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrac_audit.design.layer import Layer, Layers, channels_after, layer_kind, look_ahead_of
from lrac_audit.design.layer_checks import CHANNELS_IN, CHANNELS_OUT, CHECKS
from lrac_audit.design.path import COMPOSITES, Position, Steps, layer_steps
from lrac_audit.design.steps import SKIP, Step, Sum
from lrac_audit.errors import Problem


@layer_kind("residual")
@dataclass(frozen=True, slots=True)
class Residual(Layer):
    """``skip(x) + layers(x)``: layers that keep width and rate, and a path around them."""

    layers: Layers
    """The layers of the branch, in the order of the signal."""
    learnable_skip: bool = False
    """True puts a convolution of kernel 1 into the skip path."""

    @property
    def look_ahead_steps(self) -> int | None:
        """Steps that the branch waits for, and for which the skip path is held back."""
        return look_ahead_of(self.layers)


@COMPOSITES.add(Residual)
def _steps(at: Position, path: str, residual: Residual) -> Steps:
    channels = at.channels
    yield from layer_steps(at, path, residual.layers)
    if residual.learnable_skip:
        yield at.layer(f"{path}.skip", SKIP, channels)
    yield at.layer(f"{path}.add", Sum(residual.look_ahead_steps), channels)


@CHECKS.add(Residual)
def _returns(step: Step) -> Sequence[Problem]:
    inner, field = step.part.layers, f"{step.field}.layers"
    if any(layer.rate_down * layer.rate_up > 1 for layer in inner):
        return (Problem(field, "layers that change the rate", "layers that keep it"),)
    after = channels_after(inner, step.channels_in)
    if after == step.channels_in:
        return ()
    allowed = f"layers that end with the {step.channels_in} channels before them"
    return (Problem(field, f"layers that end with {after}", allowed, (CHANNELS_IN, CHANNELS_OUT)),)
