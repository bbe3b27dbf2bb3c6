"""Models of a configuration: the codec, its adversary, and their optimisers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn, optim

from reference_models.nn.build import build
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.codec import Codec
from reference_models.training.adversary import Adversary
from reference_models.training.configuration import Configuration
from reference_models.training.configuration_parts import Optimisation
from reference_models.training.discriminators import Discriminators
from reference_models.training.distributed import ProcessGroup
from reference_models.training.losses import AUDIO_LOSSES, LossSettings, LossWeights
from reference_models.training.mel import MelDistance
from reference_models.training.step import Stepper


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a run and their optimisers."""

    codec: Codec
    discriminators: Discriminators
    codec_optimizer: optim.Optimizer
    discriminator_optimizer: optim.Optimizer
    mel: MelDistance
    stepper: Stepper

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of both optimisers."""
        for optimizer in (self.codec_optimizer, self.discriminator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate


def build_models(configuration: Configuration, processes: ProcessGroup) -> Models:
    """Return untrained models in training mode; the same seed gives the same models."""
    device = processes.device
    torch.manual_seed(configuration.seed)
    codec = build(configuration.design).to(device)
    for codebook in trained_codebooks(codec.quantizer):
        codebook.dead_below = configuration.codebooks.dead_below
    sizes = configuration.discriminators
    discriminators = Discriminators(sizes).to(device)
    codec_optimizer = _optimizer(codec.parameters(), configuration.optimisation)
    discriminator_optimizer = _optimizer(discriminators.parameters(), configuration.optimisation)
    rate_hz = configuration.design.sample_rate_hz
    settings = LossSettings(rate_hz, configuration.mel_windows)
    audio_losses = {title: kind.build(settings).to(device) for title, kind in AUDIO_LOSSES.items()}
    mel = MelDistance(rate_hz, configuration.mel_windows).to(device)
    judging = processes.data_parallel(discriminators, find_unused=False)
    # Layers of the quantizer that a step does not use have no gradient.
    coding = processes.data_parallel(codec, find_unused=True)
    stepper = Stepper(
        coding,
        codec_optimizer,
        Adversary(discriminators, judging, discriminator_optimizer),
        audio_losses,
        LossWeights(configuration.loss_weights),
    )
    return Models(codec, discriminators, codec_optimizer, discriminator_optimizer, mel, stepper)


def _optimizer(parameters: Iterable[nn.Parameter], constants: Optimisation) -> optim.Optimizer:
    return optim.RAdam(
        parameters, lr=constants.learning_rate, betas=constants.betas, eps=constants.epsilon
    )


def drawn_layers(configuration: Configuration, step: int) -> int:
    """Return the quantizer's layers that ``step`` trains: the same in every process.

    The first step trains the largest number, so that all codebooks are initialised in it.
    """
    if step == 0:
        return max(configuration.active_layers)
    random = np.random.default_rng([configuration.seed, step])
    return int(random.choice(configuration.active_layers))


def seed_step(configuration: Configuration, step: int) -> None:
    """Seed the random generators by nothing but the run's seed and the step's number.

    So a run that is resumed needs no saved state of a generator to draw the same numbers.
    """
    torch.manual_seed((configuration.seed << 32) + step)
