"""Finite scalar quantization (Mentzer et al. 2023), and its residual form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Annotated

from lrac_audit.design.bounds import MAX_PARTS, MAX_SIZE
from lrac_audit.design.quantizer import QuantizerKind, quantizer_kind
from lrac_audit.errors import Problem
from lrac_audit.validation.kinds import Whole
from lrac_audit.validation.part import rules_of
from lrac_audit.validation.structures import Count

MAX_INDEX_BITS = 62
"""Bits of the largest index, which a signed integer of 64 bits holds with room to spare."""


@quantizer_kind("fsq")
@dataclass(frozen=True, slots=True)
class Fsq(QuantizerKind):
    """Finite scalar quantization: each of a few values is bounded and rounded to its levels.

    A latent that is not as wide as there are levels is projected before and after. With several
    layers, each one rounds what those before it left over, on a finer scale; they share the
    projections.
    """

    levels: Annotated[tuple[Annotated[int, Whole(2, MAX_SIZE)], ...], Count(1, MAX_PARTS)]
    """Levels of each value, at least 2; an index of a layer has as many values as their product."""
    layers: Annotated[int, Whole(1, MAX_PARTS)] = 1
    """Layers, each of which rounds what those before it left over. 1 is plain FSQ."""
    modes: Annotated[tuple[Annotated[int, Whole(1, MAX_PARTS)], ...], Count(0, MAX_PARTS)] = ()
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the product of the levels for each active layer."""
        return (prod(self.levels),) * active_layers

    def code_dim(self, latent_dim: int) -> int:
        """Return the number of values that are rounded."""
        return len(self.levels)

    def described(self, form: str | None) -> str:
        """Return the name; there is one form."""
        return "FSQ"


@rules_of(Fsq)
def _one_index(fsq: Fsq, bad_fields: frozenset[str]) -> Iterator[Problem]:
    if bad_fields:
        return
    bits = (prod(fsq.levels) - 1).bit_length()
    if bits > MAX_INDEX_BITS:
        given = f"levels whose product takes {bits} bits"
        allowed = f"at most {MAX_INDEX_BITS} bits an index; use more layers"
        yield Problem("levels", given, allowed)
