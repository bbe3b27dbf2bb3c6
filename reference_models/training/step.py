"""One step of training: the generator's turn, then the adversary's on what the generator made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn, optim

from reference_models.training.adversary import Adversary, Judgement
from reference_models.training.losses import LossWeights
from reference_models.training.mel import MelDistance

Observer = Callable[[str], AbstractContextManager[object]]
"""What watches the phases of a step: a context for each, given its name."""

PHASES = (
    "codec, forward",
    "discriminators, forward",
    "adversarial and feature losses, forward",
    "mel loss, forward",
    "mel loss, backward",
    "adversarial and feature losses, backward",
    "codec, backward",
    "codec, optimiser",
    "discriminators, turn of their own",
)
"""In the order in which they come."""


class Batch(Protocol):
    """Windows to learn from."""

    @property
    def target(self) -> Tensor:
        """``[B, 1, T]``: what should come out."""

    @property
    def input(self) -> Tensor:
        """``[B, 1, T]``: what goes in."""

    @property
    def ids(self) -> tuple[str, ...]:
        """A name for each window."""


class MovedBatch(NamedTuple):
    """A batch where the models are."""

    target: Tensor
    input: Tensor
    ids: tuple[str, ...]


class NotFiniteError(Exception):
    """A loss is NaN or infinite; nothing has been changed by it."""

    def __init__(self, losses: dict[str, float]) -> None:
        self.losses = losses
        super().__init__(f"losses that are not finite: {losses}")


class Stepper:
    """Whatever learns, and from what."""

    def __init__(
        self,
        network: nn.Module,
        optimizer: optim.Optimizer,
        adversary: Adversary,
        mel: MelDistance,
        weights: LossWeights,
    ) -> None:
        """``network`` is the codec, or what shares its gradients between processes."""
        self._network = network
        self._optimizer = optimizer
        self._adversary = adversary
        self._mel = mel
        self._weights = weights

    def step(self, batch: Batch, layers: int, observe: Observer = nullcontext) -> dict[str, Tensor]:
        """Learn from ``batch`` with the first ``layers`` of the quantizer; returns the losses.

        Raises:
            NotFiniteError: before anything has learned, except that codebooks have.
        """
        first, second, third, fourth, fifth, sixth, seventh, eighth, ninth = PHASES
        with observe(first):
            made = self._network(batch.input, layers)
        # Cut here: what the losses send back is summed once before it enters the codec.
        fake = made.audio.detach().requires_grad_()
        with observe(second):
            judgement = self._adversary.judge(fake, batch.target)
        with observe(third):
            judged = _losses_of(judgement)
        with observe(fourth):
            mel = self._mel(fake, batch.target)
        losses = {**judged, "mel": mel, "commitment": made.commitment}
        _check(losses)
        with observe(fifth):
            (towards_mel,) = torch.autograd.grad(self._weights.weighed({"mel": mel}), fake)
        with observe(sixth):  # the adversary still needs the graph
            loss = self._weights.weighed(judged)
            (towards_real,) = torch.autograd.grad(loss, fake, retain_graph=True)
        with observe(seventh):
            commitment = self._weights.weighed({"commitment": made.commitment})
            torch.autograd.backward([made.audio, commitment], [towards_mel + towards_real, None])
        with observe(eighth):
            self._optimizer.step()
            self._optimizer.zero_grad(set_to_none=True)
        with observe(ninth):
            losses["discriminators"] = self._adversary.learn(judgement)
        return {name: loss.detach() for name, loss in losses.items()}


def _losses_of(judgement: Judgement) -> dict[str, Tensor]:
    return {
        "adversarial": judgement.adversarial,
        "feature_matching": judgement.feature_matching,
    }


def _check(losses: dict[str, Tensor]) -> None:
    values = torch.stack([loss.detach() for loss in losses.values()])
    if not values.isfinite().all():
        raise NotFiniteError(dict(zip(losses, values.tolist(), strict=True)))
