"""Pointwise non-linearities that a design may name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.parts import Activation
from reference_models.nn.elu import Elu


class Snake(nn.Module):
    """``x + sin(a x)^2 / a`` with a learned ``a`` per channel (Ziyin et al. 2020)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation, ``[B, C, T]`` to ``[B, C, T]``."""
        # The small constant keeps the result finite if a frequency was learned to be zero.
        return x + (self.alpha * x).sin().square() / (self.alpha + 1e-9)


def build_activation(activation: Activation, channels: int) -> nn.Module:
    """Return the module of ``activation`` on ``channels`` channels."""
    if activation.name == "snake":
        return Snake(channels)
    torchs = getattr(nn, ACTIVATIONS[activation.name].torch_name)
    kind: Callable[..., nn.Module] = Elu if activation.name == "elu" else torchs
    return kind(**dict(activation.parameters))
