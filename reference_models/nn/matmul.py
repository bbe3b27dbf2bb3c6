"""Matrix products whose rounding does not depend on the number of time steps.

For the few steps of a frame, a convolution as one product is several times faster than torch's
own. A frame should be rounded in the same way by itself and inside a clip; so no product has a
single row or column, which would be summed in another order.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

ROW_STEPS = 8
"""Output steps up to which each is a row of the product, which is faster than a column."""


def taps_of(window: Tensor, kernel: int, stride: int, dilation: int, ready: int) -> Tensor:
    """Return the inputs of ``ready`` output steps as a view: ``[B, C, kernel, ready]``."""
    batch, channels, _ = window.shape
    at_batch, at_channel, at_step = window.stride()
    return window.as_strided(
        (batch, channels, kernel, ready),
        (at_batch, at_channel, dilation * at_step, stride * at_step),
    )


def multiply(weight: Tensor, bias: Tensor, taps: Tensor) -> Tensor:
    """Return ``weight [C_out, C k]`` by ``taps [B, C, (k,) T]`` plus ``bias``: ``[B, C_out, T]``.

    With both factors stored row by row, both ways to lay it out round alike (in MKL to the bit).
    """
    batch, steps = taps.shape[0], taps.shape[-1]
    if steps > ROW_STEPS:
        columns = bias.unsqueeze(1).expand(batch, -1, steps)
        return torch.baddbmm(columns, weight.expand(batch, -1, -1), taps.flatten(1, -2))
    rows = taps.movedim(-1, 1).reshape(batch * steps, -1).contiguous()
    product = torch.addmm(bias, doubled(rows), weight.t().contiguous())[: batch * steps]
    return product.view(batch, steps, -1).transpose(1, 2).contiguous()


def project(linear: nn.Linear | None, rows: Tensor) -> Tensor:
    """Apply ``linear`` to ``rows [N, C]``, or return them if it is None."""
    return rows if linear is None else linear(doubled(rows))[: rows.shape[0]]


def doubled(rows: Tensor) -> Tensor:
    """Return ``rows [N, C]``, a single row repeated so that there are two."""
    return rows.expand(2, -1) if rows.shape[0] == 1 else rows
