"""Parts of a training configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.validation.kinds import Number, PowerOfTwo, Whole
from lrac_audit.validation.structures import Count

MAX_COUNT = 10**9
ONE_EACH = Count(1, MAX_PARTS, distinct=True)

Positive = Annotated[int, Whole(1, MAX_COUNT)]
UpToOne = Annotated[float, Number(0, 1, above_low=True)]
Layers = Annotated[int, Whole(0, MAX_PARTS)]
ANY_ENTRIES = Count(1, MAX_PARTS)

Window = Annotated[int, PowerOfTwo(32, 16384)]  # fewer samples would leave no mel
Beta = Annotated[float, Number(0, 0.999999)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosine:
    """A factor that falls from 1 along half a cosine, and then stays."""

    steps: Positive
    """Steps of the fall."""
    last: UpToOne
    """The factor at its end."""

    def factor(self, step: int) -> float:
        """Return the factor of a step, which counts from 0."""
        done = min(step / self.steps, 1)
        return self.last + (1 - self.last) * (1 + math.cos(math.pi * done)) / 2


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
    warm_up_steps: Positive | None = None
    """Steps over which the learning rate rises in a straight line from 0; None for none."""
    cosine: Cosine | None = None
    """A further factor of the learning rate; None for none."""

    def rate(self, epoch: int, step: int) -> float:
        """Return the learning rate of a step; both count from 0."""
        rate = self.learning_rate * self.decay ** (epoch if self.decay_per == "epoch" else step)
        if self.warm_up_steps is not None:
            rate *= min((step + 1) / self.warm_up_steps, 1)
        if self.cosine is not None:
            rate *= self.cosine.factor(step)
        return float(rate)


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
    start_step: Positive | None = None
    """Steps of the codec alone, after which they begin to judge and to learn; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebooks:
    """How codebooks learn."""

    dead_below: Annotated[float, Number(0, MAX_COUNT, above_low=True)]
    """Vectors per step, averaged, under which a codeword is replaced."""
    start: Literal["pca"] | None = None
    """``pca``: each layer's projections start from the principal directions of what the layers
    before it leave, and its codewords from k-means there; None: projections are random."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A number of steps that draw from other layers of the quantizer than those after them."""

    steps: Positive
    """How many."""
    active_layers: Annotated[tuple[Layers, ...], ANY_ENTRIES]
    """Layers that a step may train; 0 leaves the quantizer out, so that the codec learns as an
    autoencoder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumSettings:
    """The loss on compressed spectra."""

    windows: Annotated[tuple[Window, ...], ONE_EACH]
    """Samples of the STFT, of which the hop is a quarter."""
    exponent: UpToOne
    """Power to which amplitudes are raised."""
    complex_weight: Annotated[float, Number(0, 1e6)]
    """Weight of the distance of complex values, which have a phase, beside that of amplitudes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """Which checkpoints are written and kept."""

    every_steps: Positive
    """Steps between checkpoints inside an epoch; there is one after each epoch in any case."""
    keep_best: Annotated[int, Whole(1, 1000)]
    """Checkpoints kept of the epochs with the lowest validation loss."""
