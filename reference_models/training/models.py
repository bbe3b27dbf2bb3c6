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
from reference_models.training.losses import LossSettings, LossWeights, audio_losses
from reference_models.training.mel import MelDistance
from reference_models.training.step import Stepper


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a run and their optimisers."""

    codec: Codec
    codec_optimizer: optim.Optimizer
    adversary: Adversary | None
    """The discriminators and their optimiser; None where the codec learns without."""
    mel: MelDistance
    stepper: Stepper

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of all optimisers."""
        adversary = () if self.adversary is None else (self.adversary.optimizer,)
        for optimizer in (self.codec_optimizer, *adversary):
            for group in optimizer.param_groups:
                group["lr"] = rate


def build_models(configuration: Configuration, processes: ProcessGroup) -> Models:
    """Return untrained models in training mode; the same seed gives the same models."""
    device = processes.device
    torch.manual_seed(configuration.seed)
    codec = build(configuration.design).to(device)
    for codebook in trained_codebooks(codec.quantizer):
        codebook.dead_below = configuration.codebooks.dead_below
    adversary = _adversary(configuration, processes)
    optimizer = _optimizer(codec.parameters(), configuration.optimisation)
    weights, rate_hz = configuration.loss_weights, configuration.design.sample_rate_hz
    settings = LossSettings(rate_hz, configuration.mel_windows, configuration.spectrum)
    losses = {title: loss.to(device) for title, loss in audio_losses(weights, settings).items()}
    mel = MelDistance(rate_hz, configuration.mel_windows).to(device)
    # Layers of the quantizer that a step does not use have no gradient.
    coding = processes.data_parallel(codec, find_unused=True)
    stepper = Stepper(coding, optimizer, adversary, losses, LossWeights(weights))
    return Models(codec, optimizer, adversary, mel, stepper)


def _adversary(configuration: Configuration, processes: ProcessGroup) -> Adversary | None:
    if configuration.discriminators is None:
        return None
    discriminators = Discriminators(configuration.discriminators).to(processes.device)
    optimizer = _optimizer(discriminators.parameters(), configuration.optimisation)
    judging = processes.data_parallel(discriminators, find_unused=False)
    return Adversary(discriminators, judging, optimizer)


def _optimizer(parameters: Iterable[nn.Parameter], constants: Optimisation) -> optim.Optimizer:
    return optim.RAdam(
        parameters, lr=constants.learning_rate, betas=constants.betas, eps=constants.epsilon
    )


def drawn_layers(configuration: Configuration, step: int) -> int:
    """Return the quantizer's layers that ``step`` trains: the same in every process.

    The first step of a stage trains the largest number, so that all codebooks are initialised in
    it.
    """
    first, active_layers = configuration.stage(step)
    if step == first:
        return max(active_layers)
    random = np.random.default_rng([configuration.seed, step])
    return int(random.choice(active_layers))


def judges(configuration: Configuration, step: int) -> bool:
    """Return whether the discriminators, if there are any, take part in ``step``."""
    sizes = configuration.discriminators
    return sizes is not None and step >= (sizes.start_step or 0)


def seed_step(configuration: Configuration, step: int) -> None:
    """Seed the random generators by nothing but the run's seed and the step's number.

    So a run that is resumed needs no saved state of a generator to draw the same numbers.
    """
    torch.manual_seed((configuration.seed << 32) + step)
