"""Matrix products that round alike, however many steps they are for.

A convolution as one product is several times faster than torch's own convolution with the few
steps of a frame. A frame should be rounded alike alone and in a clip; so no product has a single
row or column, which would be summed in another order.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

ROW_STEPS = 8
"""Up to this many output steps each is a row of the product: faster than a column of it."""


def taps_of(window: Tensor, kernel: int, stride: int, dilation: int, ready: int) -> Tensor:
    """What each of ``ready`` output steps multiplies, a view: ``[B, C, kernel, ready]``."""
    batch, channels, _ = window.shape
    at_batch, at_channel, at_step = window.stride()
    return window.as_strided(
        (batch, channels, kernel, ready),
        (at_batch, at_channel, dilation * at_step, stride * at_step),
    )


def multiply(weight: Tensor, bias: Tensor, taps: Tensor) -> Tensor:
    """``weight [C_out, C k]`` times ``taps [B, C, (k,) T]``, and ``bias``: ``[B, C_out, T]``.

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
    """``linear`` of ``rows [N, C]``, if there is one."""
    return rows if linear is None else linear(doubled(rows))[: rows.shape[0]]


def doubled(rows: Tensor) -> Tensor:
    """``rows [N, C]``, a single one twice."""
    return rows.expand(2, -1) if rows.shape[0] == 1 else rows
