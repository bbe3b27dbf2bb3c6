"""Adversarial losses: the hinge losses of generator and discriminators, and feature matching."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from reference_models.training.discriminators import Maps

TINY = torch.finfo(torch.float32).tiny
"""Distance below which ``smooth_l1_loss`` is quadratic. Then it is an absolute error like
``l1_loss``, but takes one pass over the maps instead of two, and its gradient one instead of three.
"""


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
        torch.stack([_distance(f, r.detach()) for f, r in zip(*maps, strict=True)]).sum()
        for maps in zip(fake, real, strict=True)
    ]
    return torch.stack(losses).mean()


def _distance(fake: Tensor, real: Tensor) -> Tensor:
    """Return ``mean |fake - real|``."""
    return functional.smooth_l1_loss(fake, real, beta=TINY)
