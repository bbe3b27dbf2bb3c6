"""Modified discrete cosine transforms as front ends, and their inverses as heads.

A frame is two hops long, and its spectrum has one coefficient for each sample of a hop (Princen
and Bradley 1986). Frames lie as those of a short-time Fourier transform whose window is two hops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHANNELS_IN, CHECKS
from lrac_audit.design.layers.stft import check_overlap
from lrac_audit.design.steps import Step
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Whole

LEAST_HOP = 4
"""Coefficients of the shortest frame: of fewer, no Fourier transform would be left."""


@dataclass(frozen=True, slots=True)
class _Cosines(Layer):
    """Frames of two hops."""

    hop: Annotated[int, Whole(LEAST_HOP, MAX_SIZE)]
    """Samples between two frames, and coefficients of each; an even number."""
    look_ahead: Annotated[int, Whole(0, MAX_SIZE)] = 0
    """Samples of a frame after its own hop, or output samples cut at the start, for which an output
    waits; 0 is causal, at most a hop."""

    @property
    def window(self) -> int:
        """Samples of a frame."""
        return 2 * self.hop

    @property
    def width_fields(self) -> tuple[str, ...]:
        """Fields that set the channels after the layer."""
        return ("hop",)


@layer_kind("mdct")
@dataclass(frozen=True, slots=True)
class Mdct(_Cosines):
    """As many coefficients for each hop of each channel as it has samples."""

    @property
    def rate_down(self) -> int:
        """Input samples for each frame."""
        return self.hop

    @property
    def look_ahead_steps(self) -> int:
        """Input samples after its own hop that a frame waits for."""
        return self.look_ahead

    def channels_after(self, channels: int) -> int:
        """Return the coefficients of all channels."""
        return channels * self.hop


@layer_kind("imdct")
@dataclass(frozen=True, slots=True)
class Imdct(_Cosines):
    """Frames of two hops from their coefficients, added where they overlap."""

    @property
    def rate_up(self) -> int:
        """Output samples for each frame."""
        return self.hop

    def channels_after(self, channels: int) -> int:
        """Return the number of spectra side by side in the channels."""
        return max(channels // self.hop, 1)


@CHECKS.add(Mdct)
def _mdct(step: Step) -> Sequence[Problem]:
    return _framing(step)


@CHECKS.add(Imdct)
def _imdct(step: Step) -> Sequence[Problem]:
    hop, found = step.part.hop, _framing(step)
    if step.channels_in % hop == 0:
        return found
    given = f"{step.channels_in} channels before it"
    allowed = f"a multiple of {hop}, the coefficients of a frame"
    return [*found, Problem(step.field, given, allowed, (CHANNELS_IN, f"{step.field}.hop"))]


def _framing(step: Step) -> list[Problem]:
    """Return the problem of an odd hop, or of a look-ahead longer than a hop."""
    hop, field = step.part.hop, f"{step.field}.hop"
    if hop % 2:
        return [Problem(field, shown(hop), "an even number")]
    return check_overlap(step, hop, (field,))
