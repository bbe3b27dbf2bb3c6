"""Adversarial losses: the hinge losses of generator and discriminators, and feature matching."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from reference_models.training.discriminators import Maps


def adversarial_loss(fake: list[Maps]) -> Tensor:
    """Return the generator's hinge loss: ``-mean D(fake)``, over the discriminators."""
    return torch.stack([-maps[-1].mean() for maps in fake]).mean()


def discriminator_loss(fake: list[Maps], real: list[Maps]) -> Tensor:
    """Return ``mean max(0, 1 - D(real)) + mean max(0, 1 + D(fake))``, over the discriminators."""
    losses = [
        functional.relu(1 - of_real[-1]).mean() + functional.relu(1 + of_fake[-1]).mean()
        for of_fake, of_real in zip(fake, real, strict=True)
    ]
    return torch.stack(losses).mean()


def feature_matching_loss(fake: list[Maps], real: list[Maps]) -> Tensor:
    """Return ``mean |f - f_real|`` summed over a discriminator's maps, its output among them.

    It is not divided by the features' size. No gradient flows into the features of ``real``.
    """
    losses = [
        torch.stack([functional.l1_loss(f, r.detach()) for f, r in zip(*maps, strict=True)]).sum()
        for maps in zip(fake, real, strict=True)
    ]
    return torch.stack(losses).mean()
