"""The adversary: discriminators that judge the generator's output, and their optimiser.

The update of the generator and that of the discriminators need the same maps: those of the
discriminators before either update. So they are computed once, which saves two of four forward
passes.
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
    """The discriminators' maps of a batch."""

    fake: list[Maps]
    real: list[Maps]

    @property
    def adversarial(self) -> Tensor:
        """The generator's half of the hinge loss."""
        return adversarial_loss(self.fake)

    @property
    def feature_matching(self) -> Tensor:
        """Return the distance between the maps of the fake and the real audio."""
        return feature_matching_loss(self.fake, self.real)


class Adversary:
    """Discriminators and their optimiser."""

    def __init__(
        self, discriminators: Discriminators, network: nn.Module, optimizer: optim.Optimizer
    ) -> None:
        """Take ``network``: ``discriminators``, or their wrapper that averages gradients."""
        self.discriminators = discriminators
        self.optimizer = optimizer
        self._network = network

    def judge(self, fake: Tensor, real: Tensor) -> Judgement:
        """Judge ``fake`` and ``real``, both ``[B, 1, T]``; gradients may flow into ``fake``."""
        return Judgement(*self._network(fake, real))

    def learn(self, judgement: Judgement) -> Tensor:
        """Train the discriminators by one step; return the loss before it."""
        loss = discriminator_loss(judgement.fake, judgement.real)
        # Gradients go into the discriminators' weights alone, not into the fake audio.
        torch.autograd.backward(loss, inputs=list(self.discriminators.parameters()))
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()
