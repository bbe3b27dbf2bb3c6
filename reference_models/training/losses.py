"""What is minimised: the adversarial terms, and how all terms are weighed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from reference_models.training.discriminators import Maps

LossName = Literal["adversarial", "feature_matching", "mel", "commitment"]
LOSS_NAMES: tuple[LossName, ...] = get_args(LossName)
"""The terms of the generator's loss."""


class LossWeights(Mapping[str, float]):
    """A weight for each term of the generator's loss, by name."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        _check_names(weights)
        self._weights: dict[str, float] = {
            name: float(weights[name]) for name in LOSS_NAMES if name in weights
        }

    def __getitem__(self, name: str) -> float:
        return self._weights[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)

    def weighed(self, losses: Mapping[str, Tensor]) -> Tensor:
        """The sum of ``losses``, each times its weight; one that has none counts nothing.

        Raises:
            ValueError: a loss is of no known name.
        """
        _check_names(losses)
        terms = [self._weights[name] * loss for name, loss in losses.items() if name in self]
        return torch.stack(terms).sum()


def _check_names(names: Mapping[str, object]) -> None:
    for name in names:
        if name not in LOSS_NAMES:
            allowed = ", ".join(LOSS_NAMES)
            raise ValueError(f"given a loss of the name {name!r}; allowed: {allowed}")


def adversarial_loss(fake: list[Maps]) -> Tensor:
    """The generator's half of the hinge loss: ``-mean D(fake)``, over the discriminators."""
    return torch.stack([-maps[-1].mean() for maps in fake]).mean()


def discriminator_loss(fake: list[Maps], real: list[Maps]) -> Tensor:
    """``mean max(0, 1 - D(real)) + mean max(0, 1 + D(fake))``, over the discriminators."""
    losses = [
        functional.relu(1 - of_real[-1]).mean() + functional.relu(1 + of_fake[-1]).mean()
        for of_fake, of_real in zip(fake, real, strict=True)
    ]
    return torch.stack(losses).mean()


def feature_matching_loss(fake: list[Maps], real: list[Maps]) -> Tensor:
    """``mean |f - f_real|`` summed over a discriminator's maps, the judgement among them.

    Not divided by the features' size. No gradient flows into the features of ``real``.
    """
    losses = [
        torch.stack([functional.l1_loss(f, r.detach()) for f, r in zip(*maps, strict=True)]).sum()
        for maps in zip(fake, real, strict=True)
    ]
    return torch.stack(losses).mean()
