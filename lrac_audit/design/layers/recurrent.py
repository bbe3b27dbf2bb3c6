"""Unidirectional recurrent layers of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_PARTS, MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, no_rules
from lrac_audit.validation.kinds import Whole


@dataclass(frozen=True, slots=True)
class _Recurrent(Layer):
    """Layers of one width, one after another."""

    width: Annotated[int, Whole(1, MAX_SIZE)] | None = None
    """Values of the state, and output channels. None keeps the width of the input."""
    layers: Annotated[int, Whole(1, MAX_PARTS)] = 1
    """Layers, each of which takes the output of the one before."""

    def channels_after(self, channels: int) -> int:
        """Return the output channels."""
        return self.width or channels


@layer_kind("gru")
@dataclass(frozen=True, slots=True)
class Gru(_Recurrent):
    """Gated recurrent units (Cho et al. 2014); the reset gate stands behind the product."""


@layer_kind("lstm")
@dataclass(frozen=True, slots=True)
class Lstm(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997), without peepholes."""


CHECKS.add(Gru, Lstm)(no_rules)
