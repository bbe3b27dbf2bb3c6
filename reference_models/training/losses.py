"""Terms of the generator's loss: the registry of those on audio, and their weights.

Terms that are computed together form a kind. To add one, write a module that takes a
:class:`Judged` batch and returns its terms by name, and enter it in :data:`AUDIO_LOSSES`; the step,
its cost, the configuration's weights and the curves follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn

from reference_models.training.adversary import Judgement
from reference_models.training.configuration_parts import SpectrumSettings
from reference_models.training.mel import MelDistance
from reference_models.training.spectrum import SpectrumDistance


class Judged(NamedTuple):
    """The inputs of the losses on audio for a batch."""

    fake: Tensor
    """``[B, 1, T]``: the codec's output, into which gradients flow."""
    target: Tensor
    """``[B, 1, T]``."""
    judgement: Judgement | None
    """The discriminators' maps of both; None where they do not judge."""


class LossSettings(NamedTuple):
    """The part of a configuration that losses are built from."""

    sample_rate_hz: int
    mel_windows: tuple[int, ...]
    """Samples of the windows of the mel loss."""
    spectrum: SpectrumSettings | None
    """Settings of the spectrum loss, if it has a weight."""


class AudioLoss(NamedTuple):
    """Terms of the loss that are computed from the codec's output."""

    names: tuple[str, ...]
    """The terms, each with a weight of its own."""
    build: Callable[[LossSettings], nn.Module]
    """Makes the module that takes a :class:`Judged` batch and returns its terms by name."""
    needs_judgement: bool = False
    """Whether the terms come from the discriminators, which learn from the same graph."""


class AdversarialLosses(nn.Module):
    """The adversarial and the feature-matching term."""

    def forward(self, judged: Judged) -> dict[str, Tensor]:
        """Return both terms."""
        assert judged.judgement is not None  # else the step leaves these terms out
        return {
            "adversarial": judged.judgement.adversarial,
            "feature_matching": judged.judgement.feature_matching,
        }


class MelLoss(nn.Module):
    """The mel term."""

    def __init__(self, distance: MelDistance) -> None:
        super().__init__()
        self.distance = distance

    def forward(self, judged: Judged) -> dict[str, Tensor]:
        """Return the term."""
        return {"mel": self.distance(judged.fake, judged.target)}


class SpectrumLoss(nn.Module):
    """The spectrum term."""

    def __init__(self, distance: SpectrumDistance) -> None:
        super().__init__()
        self.distance = distance

    def forward(self, judged: Judged) -> dict[str, Tensor]:
        """Return the term."""
        return {"spectrum": self.distance(judged.fake, judged.target)}


def _adversarial(_: LossSettings) -> AdversarialLosses:
    return AdversarialLosses()


def _mel(settings: LossSettings) -> MelLoss:
    return MelLoss(MelDistance(settings.sample_rate_hz, settings.mel_windows))


def _spectrum(settings: LossSettings) -> SpectrumLoss:
    assert settings.spectrum is not None  # as the configuration's rules demand
    return SpectrumLoss(SpectrumDistance(settings.spectrum))


AUDIO_LOSSES: Mapping[str, AudioLoss] = MappingProxyType(
    {
        "adversarial and feature losses": AudioLoss(
            ("adversarial", "feature_matching"), _adversarial, needs_judgement=True
        ),
        "mel loss": AudioLoss(("mel",), _mel),
        "spectrum loss": AudioLoss(("spectrum",), _spectrum),
    }
)
"""Losses on audio by title, in the order in which a step computes them."""

COMMITMENT = "commitment"
"""Name of the term of the quantizer."""
LOSS_NAMES = (*(name for kind in AUDIO_LOSSES.values() for name in kind.names), COMMITMENT)
"""Names of all terms of the generator's loss."""


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
        """Return the sum of ``losses``, each times its weight; one without a weight is left out.

        Raises:
            ValueError: a loss has a name that is not in :data:`LOSS_NAMES`.
        """
        _check_names(losses)
        terms = [self._weights[name] * loss for name, loss in losses.items() if name in self]
        return torch.stack(terms).sum()


def _check_names(names: Mapping[str, object]) -> None:
    for name in names:
        if name not in LOSS_NAMES:
            allowed = ", ".join(LOSS_NAMES)
            raise ValueError(f"given a loss of the name {name!r}; allowed: {allowed}")


def audio_losses(weights: Mapping[str, float], settings: LossSettings) -> dict[str, nn.Module]:
    """Return the losses on audio of which a term has a weight, by title."""
    return {
        title: kind.build(settings)
        for title, kind in AUDIO_LOSSES.items()
        if any(name in weights for name in kind.names)
    }
