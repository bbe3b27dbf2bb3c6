"""Layers with state: strided convolution, transposed convolution, LSTM layer.

How windows move over the input and outputs overlap is described in ``framing``. A convolution of
kernel ``k`` reaches ``(k - 1) * dilation + 1`` steps. A transposed convolution adds ``k`` values
from each input at a stride's distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations, parametrize

from reference_models.nn.framing import Framing, Overlap, Window
from reference_models.nn.streaming import Footprint, Streaming
from reference_models.nn.training_convolution import convolved, has_quick_form

FEW_VALUES = 1 << 16
"""Values in the windows of an input up to which one matrix product is faster than torch's own
convolution: a frame has at most 40,320 in a layer of the baselines, a second 100 times as many."""


@dataclass(slots=True)
class Recurrence:
    """The state of an LSTM layer."""

    hidden: Tensor
    """``[1, B, C]``."""
    cell: Tensor
    """``[1, B, C]``."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        size_bytes = 2 * self.hidden[0, 0].numel() * self.hidden.element_size()
        return Footprint(2 * self.hidden[0, 0].numel(), 0, 0, size_bytes)


class StreamingConv1d(Streaming[Window], nn.Conv1d):
    """A convolution whose padding is zeros: ``look_ahead`` on the right, the rest on the left."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        look_ahead: int = 0,
        bias: bool = True,
    ) -> None:
        widths = channels_in, channels_out
        nn.Conv1d.__init__(self, *widths, kernel, stride, 0, dilation, groups, bias)
        self.framing = Framing((kernel - 1) * dilation + 1, stride, look_ahead)
        self.is_pointwise = kernel == stride == 1

    def initial_state(self, batch_size: int, like: Tensor) -> Window:
        """See :class:`Streaming`."""
        return self.framing.start(batch_size, self.in_channels, like)

    def step(self, x: Tensor, state: Window, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        if not x.shape[2] and not last:
            return self._nothing(x)
        if self.is_pointwise:
            return self._convolve(x, x.shape[2]) if x.shape[2] else self._nothing(x)
        x, ready = self.framing.advance(x, state, last)
        return self._convolve(x, ready) if ready else self._nothing(x)

    def _nothing(self, x: Tensor) -> Tensor:
        return x.new_empty(x.shape[0], self.out_channels, 0)

    def _convolve(self, x: Tensor, ready: int) -> Tensor:
        if torch.is_inference_mode_enabled() and self._has_few_values(len(x) * ready):
            return self._multiplied(x)
        if self._trains_quickly and has_quick_form(x):
            return convolved(x, self.weight, self.bias, self.dilation[0])
        return functional.conv1d(
            x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )

    @property
    def _trains_quickly(self) -> bool:
        return self.training and self.groups == self.stride[0] == 1 < self.kernel_size[0]

    def _has_few_values(self, windows: int) -> bool:
        values = windows * self.in_channels * self.kernel_size[0]
        return self.groups == 1 and not self.is_pointwise and values <= FEW_VALUES

    def _multiplied(self, x: Tensor) -> Tensor:
        """Return the convolution of ``x`` as the product of its windows with the weights."""
        windows = x.unfold(2, self.framing.reach, self.framing.stride)[..., :: self.dilation[0]]
        rows = windows.transpose(1, 2).flatten(2)
        return functional.linear(rows, self.weight.flatten(1), self.bias).transpose(1, 2)


class StreamingConvTranspose1d(Streaming[Overlap], nn.ConvTranspose1d):  # type: ignore[misc]
    """A transposed convolution that overlaps, adds and trims.

    Its ``forward`` is that of :class:`Streaming`, without an ``output_size`` to choose.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: int,
        groups: int = 1,
        trim_left: int = 0,
        bias: bool = True,
    ) -> None:
        widths = channels_in, channels_out
        nn.ConvTranspose1d.__init__(self, *widths, kernel, stride, 0, 0, groups, bias)
        self.overlap = kernel - stride
        self.trim_left = trim_left

    def initial_state(self, batch_size: int, like: Tensor) -> Overlap:
        """See :class:`Streaming`."""
        tail = like.new_zeros(batch_size, self.out_channels, self.overlap)
        return Overlap(tail, self.trim_left)

    def step(self, x: Tensor, state: Overlap, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        ready = x.shape[2] * self.stride[0]
        if not self.overlap:
            if not ready:
                return x.new_empty(x.shape[0], self.out_channels, 0)
            return self._interleaved(x)
        sums = self._sums(x, state.tail)
        sums = state.finished(sums, ready, self.trim_left if last else 0)
        return sums if self.bias is None else sums + self.bias.unsqueeze(1)

    def _interleaved(self, x: Tensor) -> Tensor:
        """Return the output ``[B, C_out, T s]`` when no two inputs add to one output step."""
        if not torch.is_inference_mode_enabled() or self.groups > 1 or self.bias is None:
            return self._transposed(x, self.bias)
        # As one product: for many steps torch's own can take five times as long.
        rows = x.transpose(1, 2) @ self.weight.flatten(1)
        outputs = rows.view(len(x), x.shape[2], self.out_channels, -1)
        return outputs.transpose(1, 2).flatten(2) + self.bias.unsqueeze(1)

    def _sums(self, x: Tensor, tail: Tensor) -> Tensor:
        """Return the sums that ``x`` adds to, unfinished ones last: ``[B, C_out, T s + k - s]``."""
        if not x.shape[2]:
            return tail
        sums = self._transposed(x, None)
        return sums + functional.pad(tail, (0, sums.shape[2] - self.overlap))

    def _transposed(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Return the full transposed convolution of ``x``: ``[B, C_out, (T - 1) s + k]``."""
        return functional.conv_transpose1d(x, self.weight, bias, self.stride, 0, 0, self.groups)


class StreamingLSTM(Streaming[Recurrence]):
    """One unidirectional LSTM layer, as wide as its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.cell = nn.LSTM(channels, channels, batch_first=True)

    def initial_state(self, batch_size: int, like: Tensor) -> Recurrence:
        """See :class:`Streaming`."""
        zeros = like.new_zeros(1, batch_size, self.cell.hidden_size)
        return Recurrence(zeros, zeros.clone())

    def step(self, x: Tensor, state: Recurrence, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        if not x.shape[2]:
            return x
        y: Tensor
        y, (state.hidden, state.cell) = self.cell(x.transpose(1, 2), (state.hidden, state.cell))
        return y.transpose(1, 2)


def add_weight_norm(module: nn.Module) -> None:
    """Split the weight of every convolution in ``module`` into norm and direction, for training.

    Salimans and Kingma 2016: ``w = g v / |v|``, a norm ``g`` for each slice of the first axis;
    that is an output channel of a convolution and an input channel of a transposed one.
    """
    for child in list(module.modules()):
        if isinstance(child, StreamingConv1d | StreamingConvTranspose1d):
            parametrizations.weight_norm(child, "weight", dim=0)


def fold_weight_norm(module: nn.Module) -> None:
    """Replace norm and direction by their product, for inference.

    Do not fold a deep copy whose original is still needed: torch lets both share a class, which
    this changes. :func:`folded_state` does not change the original.
    """
    for child in list(module.modules()):
        if parametrize.is_parametrized(child, "weight"):
            parametrize.remove_parametrizations(child, "weight", leave_parametrized=True)


@torch.no_grad()
def folded_state(module: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the state dict of ``module`` with weight norm folded."""
    state = {
        name: value.clone()
        for name, value in module.state_dict().items()
        if ".parametrizations." not in f".{name}"
    }
    for path, child in module.named_modules():
        if parametrize.is_parametrized(child, "weight"):
            state[f"{path}.weight"] = child.weight.detach().clone()
    return state
