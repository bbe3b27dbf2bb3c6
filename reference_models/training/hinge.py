"""Adversarial losses: the hinge losses of generator and discriminators, and feature matching."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, autograd
from torch.autograd.function import once_differentiable
from torch.nn import functional

from reference_models.training.discriminators import Maps


class _MeanDistance(autograd.Function):
    """``mean |fake - real|`` of two maps, in float32 or better, with a gradient for ``fake`` alone.

    The gradient is written over the difference, so it can be taken only once. torch's own losses
    compute the difference anew and fill memory with zeros for it, which takes a CPU six times as
    long for maps that exceed its caches.
    """

    @staticmethod
    def forward(context: Any, fake: Tensor, real: Tensor) -> Tensor:
        """Return the distance of maps ``[B, channels, frames, bins]``."""
        context.difference = fake - real
        # Clip by clip, in memory that caches hold; frames first, as sums of bfloat16 are rounded.
        frames = torch.stack([clip.abs().sum((0, 2)) for clip in context.difference])
        dtype = torch.promote_types(fake.dtype, torch.float32)
        return frames.sum(dtype=dtype) / fake.numel()

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Return the gradient of ``fake``; that of ``real`` is not taken."""
        difference: Tensor = context.difference
        del context.difference
        return difference.sign_().mul_(gradient / difference.numel()), None


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
        torch.stack([_MeanDistance.apply(f, r) for f, r in zip(*maps, strict=True)]).sum()
        for maps in zip(fake, real, strict=True)
    ]
    return torch.stack(losses).mean()
