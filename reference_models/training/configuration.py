"""What a training run is told: a YAML file, each of whose fields is described here once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from lrac_audit.design.parts import CodecDesign
from reference_models.data.augmentation import AugmentationParameters

FORMAT_KEY = "lrac_training"
FORMAT_VERSION = 1

DecayPer = Literal["epoch", "step"]
DECAY_PER: tuple[DecayPer, ...] = get_args(DecayPer)
Precision = Literal["float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimisation:
    """RAdam for the generator and, with the same constants, for the discriminators."""

    learning_rate: float
    betas: tuple[float, float]
    epsilon: float
    decay: float
    """Factor of the learning rate."""
    decay_per: DecayPer
    """How often ``decay`` is applied."""

    def rate(self, epoch: int, step: int) -> float:
        """The learning rate of a step; both count from 0."""
        return float(
            self.learning_rate * self.decay ** (epoch if self.decay_per == "epoch" else step)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorSizes:
    """One discriminator for each window."""

    windows: tuple[int, ...]
    """Samples of the STFT, of which the hop is a quarter."""
    channels: int
    normalise_first: bool
    """Whether the first convolution too has its weight normalised."""
    precision: Precision
    """In which they convolve; weights, gradients of weights and the optimiser are float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebooks:
    """How codebooks learn."""

    dead_below: float
    """Vectors per step, averaged, under which a codeword is replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """What is kept."""

    every_steps: int
    """Steps between checkpoints inside an epoch; there is one after each epoch in any case."""
    keep_best: int
    """Checkpoints kept of the epochs with the lowest validation loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A training run."""

    name: str
    design: CodecDesign
    seed: int
    epochs: int
    epoch_utterances: int
    """In all processes together."""
    batch_size: int
    """Windows per step, in all processes together."""
    window_samples: int
    hop_fraction: float
    """From the start of a window to that of the next, as a fraction of a window."""
    active_layers: tuple[int, ...]
    """RVQ layers that a step may train; each step draws one of these."""
    loss_weights: Mapping[str, float]
    mel_windows: tuple[int, ...]
    """Samples of the windows of the mel loss."""
    optimisation: Optimisation
    codebooks: Codebooks
    discriminators: DiscriminatorSizes
    augmentation: AugmentationParameters | None
    """Noise and reverberation; None for clean speech."""
    checkpoints: Checkpoints
