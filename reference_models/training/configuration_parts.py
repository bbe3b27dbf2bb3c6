"""Parts of a training configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.validation.kinds import Number, PowerOfTwo, Whole
from lrac_audit.validation.structures import Count

MAX_COUNT = 10**9
ONE_EACH = Count(1, MAX_PARTS, distinct=True)

Positive = Annotated[int, Whole(1, MAX_COUNT)]
UpToOne = Annotated[float, Number(0, 1, above_low=True)]
Window = Annotated[int, PowerOfTwo(32, 16384)]  # fewer samples would leave no mel
Beta = Annotated[float, Number(0, 0.999999)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimisation:
    """RAdam for the generator and, with the same constants, for the discriminators."""

    learning_rate: UpToOne
    """Step size at the start."""
    betas: tuple[Beta, Beta]
    """Decay of the running means of the gradient and of its square."""
    epsilon: UpToOne
    """Added to the denominator."""
    decay: UpToOne
    """Factor of the learning rate."""
    decay_per: Literal["epoch", "step"]
    """How often ``decay`` is applied."""

    def rate(self, epoch: int, step: int) -> float:
        """Return the learning rate of a step; both count from 0."""
        return float(
            self.learning_rate * self.decay ** (epoch if self.decay_per == "epoch" else step)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorSizes:
    """One discriminator for each window."""

    windows: Annotated[tuple[Window, ...], ONE_EACH]
    """Samples of the STFT, of which the hop is a quarter."""
    channels: Annotated[int, Whole(1, 1024)]
    """Channels of each hidden convolution."""
    normalise_first: bool
    """Whether the first convolution too has its weight normalised."""
    precision: Literal["float32", "bfloat16"]
    """In which they convolve; weights, gradients of weights and the optimiser are float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebooks:
    """How codebooks learn."""

    dead_below: Annotated[float, Number(0, MAX_COUNT, above_low=True)]
    """Vectors per step, averaged, under which a codeword is replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """Which checkpoints are written and kept."""

    every_steps: Positive
    """Steps between checkpoints inside an epoch; there is one after each epoch in any case."""
    keep_best: Annotated[int, Whole(1, 1000)]
    """Checkpoints kept of the epochs with the lowest validation loss."""
