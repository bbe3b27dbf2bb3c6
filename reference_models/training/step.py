"""One step of training: an update of the codec, then one of the discriminators on its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn, optim

from reference_models.data.batch import Batch
from reference_models.training.adversary import Adversary
from reference_models.training.losses import AUDIO_LOSSES, COMMITMENT, Judged, LossWeights

Observer = Callable[[str], AbstractContextManager[object]]
"""Returns a context manager for each phase of a step, given its name."""

CODEC_FORWARD = "codec, forward"
DISCRIMINATORS_FORWARD = "discriminators, forward"
CODEC_BACKWARD = "codec, backward"
CODEC_OPTIMISER = "codec, optimiser"
DISCRIMINATORS_TURN = "discriminators, turn of their own"


def _forward(title: str) -> str:
    return f"{title}, forward"


def _backward(title: str) -> str:
    return f"{title}, backward"


PHASES = (
    CODEC_FORWARD,
    DISCRIMINATORS_FORWARD,
    *map(_forward, AUDIO_LOSSES),
    *map(_backward, reversed(list(AUDIO_LOSSES))),
    CODEC_BACKWARD,
    CODEC_OPTIMISER,
    DISCRIMINATORS_TURN,
)
"""Phases of a step, in their order."""


class NotFiniteError(Exception):
    """A loss is NaN or infinite; no weight has been changed by it."""

    def __init__(self, losses: dict[str, float]) -> None:
        self.losses = losses
        super().__init__(f"losses that are not finite: {losses}")


class Stepper:
    """Trains the codec and its adversary on one batch after another."""

    def __init__(
        self,
        network: nn.Module,
        optimizer: optim.Optimizer,
        adversary: Adversary | None,
        audio_losses: Mapping[str, nn.Module],
        weights: LossWeights,
    ) -> None:
        """Take the models to train and their losses.

        Args:
            network: The codec, or the wrapper that averages its gradients over processes.
            optimizer: The codec's.
            adversary: The discriminators and their optimiser; None for none.
            audio_losses: Modules of entries of :data:`AUDIO_LOSSES`, by title.
            weights: The weight of every term.
        """
        self._network = network
        self._optimizer = optimizer
        self._adversary = adversary
        self._audio_losses = audio_losses
        self._weights = weights

    def step(
        self,
        batch: Batch,
        layers: int,
        observe: Observer = nullcontext,
        *,
        judges: bool = True,
    ) -> dict[str, Tensor]:
        """Train on ``batch`` with the first ``layers`` of the quantizer; return the losses.

        Without ``judges`` the adversary, if there is one, is left out.

        Raises:
            NotFiniteError: before any weight is updated; codebooks already are.
        """
        adversary = self._adversary if judges else None
        with observe(CODEC_FORWARD):
            made = self._network(batch.input, layers)
        # The graph is cut here, so that the gradients of all losses are summed before the codec.
        fake = made.audio.detach().requires_grad_()
        judgement = None
        if adversary is not None:
            with observe(DISCRIMINATORS_FORWARD):
                judgement = adversary.judge(fake, batch.target)
        on_audio = self._heard(Judged(fake, batch.target, judgement), observe)
        losses = {name: loss for terms in on_audio.values() for name, loss in terms.items()}
        losses[COMMITMENT] = made.commitment
        _check(losses)
        gradient = self._gradient(on_audio, fake, observe)
        with observe(CODEC_BACKWARD):
            ends: list[tuple[Tensor, Tensor | None]] = [(made.audio, gradient)]
            if COMMITMENT in self._weights:
                ends.append((self._weights.weighed({COMMITMENT: made.commitment}), None))
            # A quantizer without codebooks commits to nothing: its term has no gradient.
            outputs, gradients = zip(*[end for end in ends if end[0].requires_grad], strict=True)
            torch.autograd.backward(outputs, gradients)
        with observe(CODEC_OPTIMISER):
            self._optimizer.step()
            self._optimizer.zero_grad(set_to_none=True)
        if adversary is not None and judgement is not None:
            with observe(DISCRIMINATORS_TURN):
                losses["discriminators"] = adversary.learn(judgement)
        return {name: loss.detach() for name, loss in losses.items()}

    def _heard(self, judged: Judged, observe: Observer) -> dict[str, dict[str, Tensor]]:
        """Return the terms of every loss on audio that can be computed, by title and name."""
        terms = {}
        for title, loss in self._audio_losses.items():
            if judged.judgement is None and AUDIO_LOSSES[title].needs_judgement:
                continue
            with observe(_forward(title)):
                terms[title] = loss(judged)
        return terms

    def _gradient(
        self, on_audio: Mapping[str, Mapping[str, Tensor]], fake: Tensor, observe: Observer
    ) -> Tensor:
        """Return the gradient of the weighed losses with respect to ``fake``, ``[B, 1, T]``."""
        total = torch.zeros_like(fake)
        for title in reversed(list(on_audio)):
            keep = AUDIO_LOSSES[title].needs_judgement
            with observe(_backward(title)):
                loss = self._weights.weighed(on_audio[title])
                (gradient,) = torch.autograd.grad(loss, fake, retain_graph=keep)
            total += gradient
        return total


def _check(losses: dict[str, Tensor]) -> None:
    values = torch.stack([loss.detach() for loss in losses.values()])
    if not values.isfinite().all():
        raise NotFiniteError(dict(zip(losses, values.tolist(), strict=True)))
