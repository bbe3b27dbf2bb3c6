"""Blocks, and the encoder and decoder made of them (SEANet, Tagliasacchi et al. 2020).

The attributes are named as the rows of the ledger, so a row's name is the path of its module:
``encoder.blocks.0.residual.1.convs.0``. Only ``encoder.lstm.add`` and ``decoder.lstm.add`` are no
modules: an addition that nothing has to be held back for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reference_models.nn.streaming import (
    Chain,
    Footprint,
    States,
    Streaming,
    states_of,
    total,
)


@dataclass(slots=True)
class Held:
    """Steps that came along a skip path and wait for the branch beside it."""

    steps: Tensor
    """``[B, C, T]``, oldest first."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        values = self.steps[0].numel()
        return Footprint(0, values, 0, values * self.steps.element_size())


@dataclass(slots=True)
class UnitState:
    """The state of a residual unit."""

    branch: States
    held: Held

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        return total((self.branch, self.held))


class HeldSum(nn.Module):
    """The sum of a branch with look-ahead and a skip path, which is held back as long."""

    def __init__(self, look_ahead: int | None) -> None:
        """``look_ahead`` is None where no number of steps bounds it."""
        super().__init__()
        self.look_ahead = look_ahead

    def forward(self, skip: Tensor, branch: Tensor, state: Held) -> Tensor:
        """Return the sum over the steps of ``branch``; the rest of ``skip`` stays in ``state``."""
        if self.look_ahead == 0:
            return skip + branch
        skip = torch.cat((state.steps, skip), 2)
        ready = branch.shape[2]
        state.steps = skip[:, :, ready:].clone()
        return skip[:, :, :ready] + branch


class ResidualUnit(Streaming[UnitState]):
    """``skip(x) + convs(x)``, each convolution after its own activation."""

    def __init__(self, layers: Mapping[str, nn.Module], channels: int) -> None:
        """Take ``layers``: ``acts.0``, ``convs.0`` and so on, maybe ``skip``, and the sum ``add``.

        Input and output have ``channels`` channels.
        """
        super().__init__()
        self.acts = nn.ModuleList(layer for name, layer in layers.items() if "acts." in name)
        self.convs = nn.ModuleList(layer for name, layer in layers.items() if "convs." in name)
        self.skip = layers.get("skip")
        self.add = layers["add"]
        self.channels = channels

    def initial_state(self, batch_size: int, like: Tensor) -> UnitState:
        """See :class:`Streaming`."""
        pairs = zip(self.acts, self.convs, strict=True)
        branch = states_of((layer for pair in pairs for layer in pair), batch_size, like)
        return UnitState(branch, Held(like.new_zeros(batch_size, self.channels, 0)))

    def step(self, x: Tensor, state: UnitState, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        branch = state.branch.step(x, last)
        # The convolution of a skip path has a kernel of 1 and no state.
        skip = x if self.skip is None else self.skip(x)
        y: Tensor = self.add(skip, branch, state.held)
        return y


def add_by_path(module: nn.Module, layers: Mapping[str, nn.Module]) -> None:
    """Add ``layers`` to ``module`` under paths such as ``blocks.0`` or ``layers.3.gru``."""
    for path, layer in layers.items():
        outer, _, name = path.rpartition(".")
        inside = module
        for group in filter(None, outer.split(".")):
            if group not in dict(inside.named_children()):
                inside.add_module(group, nn.ModuleList())
            inside = inside.get_submodule(group)
        inside.add_module(name, layer)


class Network(Chain):
    """Layers one after another, in the order and under the names of the signal path."""

    def __init__(self, layers: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self._names = tuple(layers)
        add_by_path(self, layers)

    def in_order(self) -> Iterable[nn.Module]:
        """See :class:`Chain`."""
        return [self.get_submodule(name) for name in self._names]


class EncoderBlock(Network):
    """Residual units, then an activation and the convolution that lowers the rate."""


class DecoderBlock(Network):
    """An activation and the transposed convolution that raises the rate, then residual units."""


class LSTMStack(Streaming[States]):
    """LSTM layers one after another, with a skip around all of them."""

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def initial_state(self, batch_size: int, like: Tensor) -> States:
        """See :class:`Streaming`."""
        return states_of(self.children(), batch_size, like)

    def step(self, x: Tensor, state: States, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        return x + state.step(x, last)


class Encoder(Network):
    """From audio ``[B, C, T]`` to the latent ``[B, D, ceil(T / hop)]``."""


class Decoder(Network):
    """From the latent ``[B, D, F]`` to audio ``[B, C, hop F]``."""
