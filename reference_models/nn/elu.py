"""ELU that keeps its result for the gradient, which the layer after it keeps anyway.

torch's own keeps its input, which nothing else in a codec needs, and computes the exponential anew
for the gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, autograd, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from reference_models.nn.training_convolution import has_quick_form

EXPM1_IS_SLOW = torch.__version__.startswith("2.14.")
"""Whether torch takes ten times as long for ``e^x - 1`` as a CPU with AVX-512 needs, and so for an
ELU: 21 ms instead of 1.7 for two million values. 2.13 and 2.15 do not. Operations are counted with
oneDNN off, and so are torch's own on every release."""


class Elu(nn.ELU):
    """``x`` where it is positive, elsewhere ``alpha (e^x - 1)`` (Clevert et al. 2016)."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation to a tensor of any shape."""
        if self.training and x.requires_grad and self.alpha == 1:
            y: Tensor = _Elu.apply(x, EXPM1_IS_SLOW and has_quick_form(x))
            return y
        return super().forward(x)


class _Elu(autograd.Function):
    """The activation for an ``alpha`` of 1."""

    @staticmethod
    def forward(context: Any, x: Tensor, by_exponential: bool) -> Tensor:
        y = _by_exponential(x) if by_exponential else functional.elu(x)
        context.save_for_backward(y)
        return y

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (y,) = context.saved_tensors
        of_x: Tensor = torch.ops.aten.elu_backward(gradient, 1, 1, 1, True, y)  # True: of a result
        return of_x, None


def _by_exponential(x: Tensor) -> Tensor:
    """Return the larger of ``x`` and ``e^min(x, 0) - 1``, within 6e-8 of the exact ELU."""
    below = x.clamp(max=0).exp_().sub_(1)
    return torch.maximum(x, below, out=below)
