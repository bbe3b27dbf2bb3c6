"""Convolutions over frames and bins whose gradient for a spectrogram is quick on a CPU.

oneDNN, torch's library of convolutions on CPUs, computes the gradient of an input of two channels
at a sixth of its usual speed. Here it is a convolution of the output's gradient by the reversed
kernel, several bins at once as channels. It is a node of its own in the graph of gradients, as the
discriminators' turn needs only the gradients of the weights: torch leaves out nodes whose result
nothing asks for, but does not tell a node which of its results are needed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, autograd, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from reference_models.nn.training_convolution import has_quick_form

FEW_CHANNELS = 2
"""Channels of an input up to which its gradient is quicker in this form: those of a spectrogram."""
BINS_AT_ONCE = 8
"""Bins of the gradient that are computed as channels; 4, 12 and 16 were slower."""


class Convolution2d(nn.Conv2d):
    """A convolution of ``[B, C_in, frames, bins]``."""

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        is_quick = self._has_few_channels and has_quick_form(x)
        y: Tensor = super()._conv_forward(x.detach() if is_quick else x, weight, bias)
        if is_quick:
            y = _Joined.apply(y, _Path.apply(x, weight.detach(), y.detach(), self.padding))
        return y

    @property
    def _has_few_channels(self) -> bool:
        unstrided = self.stride == self.dilation == (1, 1)
        return unstrided and self.groups == 1 and self.in_channels <= FEW_CHANNELS


class _Path(autograd.Function):
    """Zeros in the shape of the output, through which the input gets its gradient."""

    @staticmethod
    def forward(
        context: Any, x: Tensor, weight: Tensor, output: Tensor, padding: tuple[int, int]
    ) -> Tensor:
        context.save_for_backward(weight)
        context.padding, context.dtype = padding, x.dtype
        return output.new_zeros(()).expand_as(output)  # a single value in memory

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = context.saved_tensors
        weight = weight.to(gradient.dtype)
        # Clip by clip, in memory that caches hold.
        clips = [_gradient_of_input(clip[None], weight, context.padding) for clip in gradient]
        return torch.cat(clips).to(context.dtype), None, None, None


class _Joined(autograd.Function):
    """The output, with a second path for its gradient."""

    @staticmethod
    def forward(context: Any, y: Tensor, path: Tensor) -> Tensor:
        context.mark_dirty(y)  # so that what comes next may change it in place
        return y

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        return gradient, gradient


def _gradient_of_input(gradient: Tensor, weight: Tensor, padding: tuple[int, int]) -> Tensor:
    """Return the gradient of the input, given that of the output and the weight.

    The kernel of each bin is shifted by a bin against that of the one before it.
    """
    n, channels = BINS_AT_ONCE, weight.shape[1]
    frame_margin, bin_margin = (k - 1 - p for k, p in zip(weight.shape[2:], padding, strict=True))
    bins = gradient.shape[3] + 2 * bin_margin - weight.shape[3] + 1
    reversed_kernel = weight.flip(2, 3).transpose(0, 1)
    shifted = torch.cat([functional.pad(reversed_kernel, (i, n - 1 - i)) for i in range(n)])
    padded = functional.pad(gradient, (bin_margin, bin_margin + -bins % n))
    blocks = functional.conv2d(padded, shifted, None, (1, n), (frame_margin, 0))
    separate = blocks.view(len(blocks), n, channels, *blocks.shape[2:]).permute(0, 2, 3, 4, 1)
    return separate.flatten(3)[..., :bins]
