"""The adversary: it judges what the generator made, and learns from what it judged.

The generator's turn and the discriminators' own need the same maps: those of the discriminators as
they were before either learned. So they are made once, which spares two of four forward passes.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn, optim

from reference_models.training.discriminators import Discriminators, Maps
from reference_models.training.hinge import (
    adversarial_loss,
    discriminator_loss,
    feature_matching_loss,
)


class Judgement(NamedTuple):
    """What the discriminators see in a batch."""

    fake: list[Maps]
    real: list[Maps]

    @property
    def adversarial(self) -> Tensor:
        """The generator's half of the hinge loss."""
        return adversarial_loss(self.fake)

    @property
    def feature_matching(self) -> Tensor:
        """How far the maps of the fakes are from those of the real."""
        return feature_matching_loss(self.fake, self.real)


class Adversary:
    """Discriminators and their optimiser."""

    def __init__(
        self, discriminators: Discriminators, network: nn.Module, optimizer: optim.Optimizer
    ) -> None:
        """``network`` is ``discriminators``, or what shares its gradients between processes."""
        self.discriminators = discriminators
        self.optimizer = optimizer
        self._network = network

    def judge(self, fake: Tensor, real: Tensor) -> Judgement:
        """Look at ``fake`` and ``real``, both ``[B, 1, T]``; gradients may flow into ``fake``."""
        return Judgement(*self._network(fake, real))

    def learn(self, judgement: Judgement) -> Tensor:
        """One step towards telling the two apart; returns the loss before it."""
        loss = discriminator_loss(judgement.fake, judgement.real)
        # Into the discriminators' weights alone, not into the fakes.
        torch.autograd.backward(loss, inputs=list(self.discriminators.parameters()))
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()
