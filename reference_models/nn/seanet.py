"""The blocks, and the encoder and decoder made of them (SEANet, Tagliasacchi et al. 2020).

The attributes are named as the rows of the ledger, so a row's name is the path of its module:
``encoder.blocks.0.residual.1.convs.0``. Only ``encoder.lstm.add`` and ``decoder.lstm.add`` are no
modules: an addition that nothing has to be held back for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reference_models.nn.conv import StreamingConv1d, StreamingConvTranspose1d, StreamingLSTM
from reference_models.nn.streaming import (
    Chain,
    Footprint,
    States,
    Streaming,
    renewed,
    states_of,
    total,
)


@dataclass(slots=True)
class Held:
    """What came along a skip path and waits for the branch beside it."""

    steps: Tensor
    """``[B, C, T]``, oldest first."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        values = self.steps[0].numel()
        return Footprint(0, values, 0, values * self.steps.element_size())


@dataclass(slots=True)
class UnitState:
    """What a residual unit keeps."""

    branch: States
    held: Held

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        return total((self.branch, self.held))


class HeldSum(nn.Module):
    """The sum of a branch with look-ahead and a skip path, which is held back as long."""

    def __init__(self, look_ahead: int) -> None:
        super().__init__()
        self.look_ahead = look_ahead

    def forward(self, skip: Tensor, branch: Tensor, state: Held) -> Tensor:
        """The sum as far as ``branch`` goes; the rest of ``skip`` stays in ``state``."""
        if not self.look_ahead:
            return skip + branch
        skip = torch.cat((state.steps, skip), 2)
        ready = branch.shape[2]
        state.steps = renewed(state.steps, skip[:, :, ready:])
        return skip[:, :, :ready] + branch


class ResidualUnit(Streaming[UnitState]):
    """``skip(x) + convs(x)``, each convolution after its own activation."""

    def __init__(
        self,
        activations: Sequence[nn.Module],
        convs: Sequence[StreamingConv1d],
        skip: StreamingConv1d | None,
    ) -> None:
        super().__init__()
        self.acts = nn.ModuleList(activations)
        self.convs = nn.ModuleList(convs)
        self.skip = skip
        self.add = HeldSum(sum(conv.look_ahead for conv in convs))
        self.channels = convs[0].in_channels

    def initial_state(self, batch_size: int, like: Tensor) -> UnitState:
        """See :class:`Streaming`."""
        pairs = zip(self.acts, self.convs, strict=True)
        branch = states_of((layer for pair in pairs for layer in pair), batch_size, like)
        return UnitState(branch, Held(like.new_zeros(batch_size, self.channels, 0)))

    def step(self, x: Tensor, state: UnitState, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        # The convolution of a skip path has a kernel of 1 and nothing to remember.
        skip = x if self.skip is None else self.skip(x)
        y: Tensor = self.add(skip, state.branch.step(x, last), state.held)
        return y


class EncoderBlock(Chain):
    """Residual units, then an activation and the convolution that lowers the rate."""

    def __init__(
        self, residual: Sequence[ResidualUnit], activation: nn.Module, down: StreamingConv1d
    ) -> None:
        super().__init__()
        self.residual = nn.ModuleList(residual)
        self.activation = activation
        self.down = down

    def layers(self) -> Iterable[nn.Module]:
        """See :class:`Chain`."""
        return [*self.residual, self.activation, self.down]


class DecoderBlock(Chain):
    """An activation and the transposed convolution that raises the rate, then residual units."""

    def __init__(
        self,
        activation: nn.Module,
        up: StreamingConvTranspose1d,
        residual: Sequence[ResidualUnit],
    ) -> None:
        super().__init__()
        self.activation = activation
        self.up = up
        self.residual = nn.ModuleList(residual)

    def layers(self) -> Iterable[nn.Module]:
        """See :class:`Chain`."""
        return [self.activation, self.up, *self.residual]


class LSTMStack(Streaming[States]):
    """LSTM layers one after another, with a skip around all of them."""

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        for i in range(layers):
            self.add_module(str(i), StreamingLSTM(channels))

    def initial_state(self, batch_size: int, like: Tensor) -> States:
        """See :class:`Streaming`."""
        return states_of(self.children(), batch_size, like)

    def step(self, x: Tensor, state: States, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        return x + state.step(x, last)


class Encoder(Chain):
    """From audio ``[B, C, T]`` to the latent ``[B, D, ceil(T / hop)]``."""

    def __init__(
        self,
        input_conv: StreamingConv1d | None,
        blocks: Sequence[EncoderBlock],
        lstm: LSTMStack | None,
        output_activation: nn.Module | None,
        output: StreamingConv1d | None,
    ) -> None:
        super().__init__()
        self.input = input_conv
        self.blocks = nn.ModuleList(blocks)
        self.lstm = lstm
        self.output_activation = output_activation
        self.output = output

    def layers(self) -> Iterable[nn.Module]:
        """See :class:`Chain`."""
        return _present(self.input, *self.blocks, self.lstm, self.output_activation, self.output)


class Decoder(Chain):
    """From the latent ``[B, D, F]`` to audio ``[B, C, hop F]``."""

    def __init__(
        self,
        input_conv: StreamingConv1d | None,
        lstm: LSTMStack | None,
        blocks: Sequence[DecoderBlock],
        output_activation: nn.Module | None,
        output: StreamingConv1d | None,
        final_activation: nn.Module | None,
    ) -> None:
        super().__init__()
        self.input = input_conv
        self.lstm = lstm
        self.blocks = nn.ModuleList(blocks)
        self.output_activation = output_activation
        self.output = output
        self.final_activation = final_activation

    def layers(self) -> Iterable[nn.Module]:
        """See :class:`Chain`."""
        end = self.output_activation, self.output, self.final_activation
        return _present(self.input, self.lstm, *self.blocks, *end)


def _present(*layers: nn.Module | None) -> list[nn.Module]:
    return [layer for layer in layers if layer is not None]
