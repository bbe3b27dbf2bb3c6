"""Convolutions over time whose gradients are quick on a CPU.

oneDNN, torch's library of convolutions on CPUs, takes up to four times as long for the gradient of
the input of a dilated convolution as for the convolution itself. For a long kernel with one output
channel all gradients are slow: eight times as long as in the form that is used here. On other
devices, and for other types of numbers, torch's own gradients are kept.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, autograd
from torch.autograd.function import once_differentiable
from torch.nn import functional

STEPS_AT_ONCE = 8
"""Output steps of one channel that are computed as channels; 16 and 32 were no quicker."""


def has_quick_form(x: Tensor) -> bool:
    """Return whether a convolution of ``x`` needs a gradient that oneDNN computes."""
    return (
        x.requires_grad
        and x.device.type == "cpu"
        and x.dtype in (torch.float32, torch.bfloat16)
        and bool(torch.backends.mkldnn.enabled)
    )


def convolved(x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int) -> Tensor:
    """Return the convolution of ``x [B, C_in, T]`` by ``weight [C_out, C_in, k]``, stride 1.

    It is not padded: the output is ``[B, C_out, T - (k - 1) dilation]``.
    """
    if len(weight) == dilation == 1:
        return _to_one_channel(x, weight, bias)
    y: Tensor = _Convolution.apply(x, weight, bias, dilation)
    return y


def _to_one_channel(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return a convolution with one output channel, several output steps as channels of one.

    The kernel of each is shifted by a step against that of the one before it.
    """
    n = STEPS_AT_ONCE
    steps = x.shape[2] - weight.shape[2] + 1
    shifted = torch.cat([functional.pad(weight, (i, n - 1 - i)) for i in range(n)])
    x = functional.pad(x, (0, -steps % n))
    y = functional.conv1d(x, shifted, None if bias is None else bias.expand(n), n)
    return y.transpose(1, 2).flatten(1)[:, None, :steps]


class _Convolution(autograd.Function):
    """A convolution whose input gradient is one too: of the gradient, by the reversed kernel."""

    @staticmethod
    def forward(
        context: Any, x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int
    ) -> Tensor:
        context.save_for_backward(x, weight)
        context.dilation = dilation
        return functional.conv1d(x, weight, bias, 1, 0, dilation)

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor | None, None]:
        """Return the gradients of input, weight and bias; the dilation has none."""
        x, weight = context.saved_tensors
        dilation: int = context.dilation
        has_bias: bool = context.needs_input_grad[2]
        margin = (weight.shape[2] - 1) * dilation
        padded = functional.pad(gradient, (margin, margin))  # quicker than a padding of conv1d
        of_x = functional.conv1d(padded, weight.flip(2).transpose(0, 1), dilation=dilation)
        _, of_weight, of_bias = torch.ops.aten.convolution_backward(
            *(gradient, x, weight, [len(weight)] if has_bias else None),
            *([1], [0], [dilation], False, [0], 1, [False, True, has_bias]),
        )
        return of_x, of_weight, of_bias, None
