"""Short-time Fourier transforms as front ends, and their inverses as heads.

A frame of ``window`` samples is multiplied by a Hann window and transformed; the next frame begins
``hop`` samples later. Neighbouring frames share ``window - hop`` samples, ``look_ahead`` of which
come after the hop of the earlier one. An inverse adds its frames where they overlap, and cuts
``look_ahead`` samples at the start. The first frame of a window of 9 and a hop of 3::

    samples                        |  0  1  2 |  3  4  5 |  6  7  8 |
    look_ahead 0    0  0  0  0  0  0  x  x  x
    look_ahead 3             0  0  0  x  x  x    x  x  x

A front end and a head whose look-aheads are ``window - hop`` together give every sample at its
place again, ``window`` samples late in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHANNELS_IN, CHECKS
from lrac_audit.design.steps import Step
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Whole

Size = Annotated[int, Whole(1, MAX_SIZE)]
Samples = Annotated[int, Whole(0, MAX_SIZE)]


@layer_kind("stft")
@dataclass(frozen=True, slots=True)
class Stft(Layer):
    """The spectrum of each channel's newest ``window`` samples, every ``hop`` samples."""

    window: Size
    """Samples of a frame; a multiple of the hop."""
    hop: Size
    """Input samples for each frame."""
    look_ahead: Samples = 0
    """Samples of a frame after its own hop, for which it waits; 0 is causal."""
    spectrum: Literal["complex", "polar", "magnitude", "log_magnitude"] = "complex"
    """``complex`` is all real parts, then all imaginary parts; ``polar`` all logarithms of
    magnitudes, then all phases."""

    @property
    def rate_down(self) -> int:
        """Input samples for each frame."""
        return self.hop

    @property
    def look_ahead_steps(self) -> int:
        """Input samples after its own hop that a frame waits for."""
        return self.look_ahead

    @property
    def bins(self) -> int:
        """Frequencies of a real signal's spectrum."""
        return self.window // 2 + 1

    @property
    def width_fields(self) -> tuple[str, ...]:
        """Fields that set the channels after the layer."""
        return ("window", "spectrum")

    def channels_after(self, channels: int) -> int:
        """Return the values of the spectra of all channels."""
        return channels * self.bins * (2 if self.spectrum in ("complex", "polar") else 1)


@layer_kind("istft")
@dataclass(frozen=True, slots=True)
class Istft(Layer):
    """Frames of ``window`` samples from their spectra, added where they overlap."""

    window: Size
    """Samples of a frame; a multiple of the hop."""
    hop: Size
    """Output samples for each frame."""
    look_ahead: Samples = 0
    """Output samples cut at the start, for which an output waits; 0 is causal."""
    spectrum: Literal["complex", "polar"] = "complex"
    """``complex`` takes all real parts, then all imaginary parts; ``polar`` all logarithms of
    magnitudes, then all phases."""

    @property
    def rate_up(self) -> int:
        """Output samples for each frame."""
        return self.hop

    @property
    def bins(self) -> int:
        """Frequencies of a real signal's spectrum."""
        return self.window // 2 + 1

    @property
    def width_fields(self) -> tuple[str, ...]:
        """Fields that set the channels after the layer."""
        return ("window",)

    def channels_after(self, channels: int) -> int:
        """Return the number of spectra side by side in the channels."""
        return max(channels // (2 * self.bins), 1)


@CHECKS.add(Stft)
def _stft(step: Step) -> Sequence[Problem]:
    return _framing(step)


@CHECKS.add(Istft)
def _istft(step: Step) -> Sequence[Problem]:
    part, width = step.part, step.channels_in
    found, values = _framing(step), 2 * part.bins
    if width % values == 0:
        return found
    given = f"{width} channels before it"
    allowed = f"a multiple of {values}, two values for each of the {part.bins} bins of its window"
    return [*found, Problem(step.field, given, allowed, (CHANNELS_IN, f"{step.field}.window"))]


def _framing(step: Step) -> list[Problem]:
    """Return the problem of a hop that does not divide the window, or of a long look-ahead."""
    part, field = step.part, step.field
    window = f"{field}.window"
    if part.window % part.hop:
        allowed = f"a divisor of the window, {part.window} samples"
        return [Problem(f"{field}.hop", shown(part.hop), allowed, (window,))]
    return check_overlap(step, part.window - part.hop, (window, f"{field}.hop"))


def check_overlap(step: Step, overlap: int, involved: tuple[str, ...]) -> list[Problem]:
    """Return the problem of a look-ahead longer than the ``overlap`` of neighbouring frames."""
    look_ahead = step.part.look_ahead
    if look_ahead <= overlap:
        return []
    allowed = f"at most the overlap of frames, {overlap} samples"
    return [Problem(f"{step.field}.look_ahead", shown(look_ahead), allowed, involved)]
