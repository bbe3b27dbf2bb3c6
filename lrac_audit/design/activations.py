"""The activations a design may name: their constants, and what they learn."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class ActivationKind(NamedTuple):
    """What is fixed about an activation, whatever design uses it."""

    torch_name: str
    """Class name in ``torch.nn``, which recipe files use (``Snake`` is the recipe's own)."""
    constants: MappingProxyType[str, float]
    """Constants and their defaults."""
    learned_per_channel: int = 0
    """Learned values for each channel."""
    learned_shared: int = 0
    """Learned values shared by all channels."""


def _kind(torch_name: str, learned: tuple[int, int] = (0, 0), **constants: float) -> ActivationKind:
    return ActivationKind(torch_name, MappingProxyType(constants), *learned)


ACTIVATIONS = MappingProxyType(
    {
        "elu": _kind("ELU", alpha=1.0),
        "relu": _kind("ReLU"),
        "leaky_relu": _kind("LeakyReLU", negative_slope=0.01),
        "prelu": _kind("PReLU", learned=(0, 1)),
        "gelu": _kind("GELU"),
        "silu": _kind("SiLU"),
        "tanh": _kind("Tanh"),
        "sigmoid": _kind("Sigmoid"),
        "snake": _kind("Snake", learned=(1, 0)),
    }
)
"""Name in a design to what it is."""

BY_TORCH_NAME = MappingProxyType({kind.torch_name: name for name, kind in ACTIVATIONS.items()})
"""Class name in a recipe to name in a design."""
