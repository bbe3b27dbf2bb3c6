"""The blocks, and the encoder and decoder made of them (SEANet, Tagliasacchi et al. 2020).

The attributes are named as the rows of the ledger, so a row's name is the path of its module:
``encoder.blocks.0.residual.1.convs.0``. Only ``encoder.lstm.add`` and ``decoder.lstm.add`` are no
modules: an addition that nothing has to be held back for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from reference_models.nn.conv import StreamingConv1d, StreamingConvTranspose1d, StreamingLSTM
from reference_models.nn.streaming import Chain, Footprint, States, Streaming


@dataclass(slots=True)
class Held:
    """What came along a skip path and waits for the branch beside it."""

    steps: Tensor
    """``[B, C, T]``, oldest first."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        values = self.steps[0].numel()
        return Footprint(0, values, 0, values * self.steps.element_size())


class HeldSum(nn.Module):
    """The sum of a branch with look-ahead and a skip path, which is held back as long."""

    def __init__(self, look_ahead: int) -> None:
        super().__init__()
        self.look_ahead = look_ahead

    def initial_state(self, skip: Tensor) -> Held:
        """Nothing held back yet; ``skip`` shows the shape."""
        return Held(skip[:, :, :0])

    def forward(self, skip: Tensor, branch: Tensor, state: Held) -> Tensor:
        """The sum as far as ``branch`` goes; the rest of ``skip`` stays in ``state``."""
        if not self.look_ahead:
            return skip + branch
        skip = torch.cat((state.steps, skip), 2)
        ready = branch.shape[2]
        state.steps = skip[:, :, ready:].clone()
        return skip[:, :, :ready] + branch


class ResidualUnit(Streaming[States]):
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

    def initial_state(self, batch_size: int, like: Tensor) -> States:
        """One state for each convolution, then what the skip path holds back."""
        convs = cast(Iterable[StreamingConv1d], self.convs)
        held = Held(like.new_zeros(batch_size, self.channels, 0))
        return States([*(conv.initial_state(batch_size, like) for conv in convs), held])

    def step(self, x: Tensor, state: States, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        *windows, held = state
        convs = cast(Iterable[StreamingConv1d], self.convs)
        branch = x
        for activation, conv, window in zip(self.acts, convs, windows, strict=True):
            branch = conv.step(activation(branch), window, last)
        # The convolution of a skip path has a kernel of 1 and nothing to remember.
        y: Tensor = self.add(x if self.skip is None else self.skip(x), branch, held)
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
        """One state for each layer."""
        layers = cast(Iterable[StreamingLSTM], self.children())
        return States(layer.initial_state(batch_size, like) for layer in layers)

    def step(self, x: Tensor, state: States, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        y = x
        for layer, memory in zip(self.children(), state, strict=True):
            y = cast(StreamingLSTM, layer).step(y, memory, last)
        return x + y


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
