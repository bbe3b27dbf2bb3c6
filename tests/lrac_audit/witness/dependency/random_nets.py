"""Nets drawn at random from the parts of codecs, and from the odd things that models do."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional

Part = Callable[[Tensor], Tensor]
"""Maps ``[1, C, T]`` to ``[1, C', T']``."""


def convolution(draw: Random, channels: int) -> Part:
    kernel, stride = draw.randint(1, 4), draw.choice([1, 1, 2])
    out = draw.randint(1, 3)
    layer = nn.Conv1d(channels, out, kernel, stride, dilation=draw.choice([1, 2])).double()
    left = draw.randint(0, 4)
    return lambda x: layer(functional.pad(x, (left, kernel * 2 - 2)))


def transposed_convolution(draw: Random, channels: int) -> Part:
    stride = draw.choice([1, 2])
    layer = nn.ConvTranspose1d(channels, draw.randint(1, 3), draw.randint(1, 4), stride).double()
    trim = draw.randint(0, 1)
    return lambda x: layer(x)[..., trim:][..., : 2 * x.shape[-1]]


def sparse_convolution(draw: Random, channels: int) -> Part:
    layer = nn.Conv1d(channels, 2, 4, padding=2).double()
    layer.weight.data *= torch.tensor([[draw.random() > 0.5 for _ in range(4)]])
    return layer


def pooling(draw: Random, channels: int) -> Part:
    kind, stride = draw.choice([functional.avg_pool1d, functional.max_pool1d]), draw.choice([1, 2])
    return lambda x: kind(functional.pad(x, (1, 2)), 3, stride)


def padding(draw: Random, channels: int) -> Part:
    pads = draw.randint(0, 3), draw.randint(0, 3)
    mode = draw.choice(["constant", "reflect", "replicate"])
    return lambda x: functional.pad(x, pads, mode=mode)


def shifting(draw: Random, channels: int) -> Part:
    by = draw.randint(-3, 3)
    return lambda x: x.roll(by, -1)


def interleaving(draw: Random, channels: int) -> Part:
    return lambda x: torch.stack([x[..., ::2], -x[..., ::2]], -1).flatten(-2)


def folding(draw: Random, channels: int) -> Part:
    """Work on chunks of steps, as causal attention by chunks does."""
    size = draw.choice([2, 3, 4])

    def run(x: Tensor) -> Tensor:
        chunks = functional.pad(x, (0, -x.shape[-1] % size)).unflatten(-1, (-1, size))
        return (chunks + chunks.mean(-1, keepdim=True)).flatten(-2)

    return run


def attention(draw: Random, channels: int) -> Part:
    ahead, chunk = draw.randint(0, 2), draw.choice([1, 1, 3])
    fused = draw.random() > 0.5

    def run(x: Tensor) -> Tensor:
        steps = torch.arange(x.shape[-1])
        mask = (steps[None] // chunk) <= (steps[:, None] // chunk) + ahead
        q = x.transpose(1, 2)
        if fused:
            return functional.scaled_dot_product_attention(q, q, q, attn_mask=mask).transpose(1, 2)
        hidden = torch.zeros(mask.shape).double().masked_fill(~mask, -1e9)
        return ((q @ x * 0.1 + hidden).softmax(-1) @ q).transpose(1, 2)

    return run


def recurrence(draw: Random, channels: int) -> Part:
    kind = draw.choice([nn.LSTM, nn.GRU])
    layer = kind(channels, draw.randint(1, 3), batch_first=True).double()
    return lambda x: layer(x.transpose(1, 2))[0].transpose(1, 2)


def recurrence_by_hand(draw: Random, channels: int) -> Part:
    backward = draw.random() > 0.7

    def run(x: Tensor) -> Tensor:
        state, outputs = torch.zeros_like(x[..., 0]), []
        order = reversed(range(x.shape[-1])) if backward else range(x.shape[-1])
        for step in order:
            state = torch.tanh(0.9 * state + x[..., step])
            outputs.append(state)
        return torch.stack(outputs[::-1] if backward else outputs, -1)

    return run


def norm(draw: Random, channels: int) -> Part:
    if draw.random() > 0.3:
        return lambda x: functional.layer_norm(x.transpose(1, 2), (x.shape[1],)).transpose(1, 2)
    return lambda x: functional.group_norm(x, 1)


def running_mean(draw: Random, channels: int) -> Part:
    return lambda x: x.cumsum(-1) / torch.arange(1, x.shape[-1] + 1)


def residual(draw: Random, channels: int) -> Part:
    inner = nn.Conv1d(channels, channels, 3, padding=1, groups=channels).double()
    return lambda x: x + torch.tanh(inner(x))


def two_paths(draw: Random, channels: int) -> Part:
    by = draw.randint(1, 4)
    return lambda x: torch.cat([x, functional.pad(x, (by, -by)), x.flip(1)], 1)


def writing_in_place(draw: Random, channels: int) -> Part:
    start, size = draw.randint(0, 3), draw.randint(1, 3)

    def run(x: Tensor) -> Tensor:
        y = x.clone()
        y[..., start : start + size] *= 0.5
        y[:, 0, start:] = x[:, -1, : x.shape[-1] - start]
        view = y.transpose(1, 2)
        view[:, 0].add_(1.0)
        return y

    return run


def filling_a_buffer(draw: Random, channels: int) -> Part:
    step = draw.choice([1, 2])

    def run(x: Tensor) -> Tensor:
        buffer = torch.zeros(1, x.shape[1], x.shape[-1] + 2, dtype=x.dtype)
        buffer[..., 2::step] = x[..., ::step]
        buffer[..., 1:2] += x[..., :1]
        return buffer[..., : x.shape[-1]]

    return run


def striding(draw: Random, channels: int) -> Part:
    size, step = draw.randint(2, 4), draw.choice([1, 2])
    return lambda x: x.unfold(-1, size, step).mean(-1)


def overlapping(draw: Random, channels: int) -> Part:
    def run(x: Tensor) -> Tensor:
        x = x.contiguous()
        return x.as_strided((1, x.shape[1], x.shape[-1] - 2, 3), (0, x.shape[-1], 1, 1)).sum(-1)

    return run


def gating(draw: Random, channels: int) -> Part:
    by = draw.randint(0, 2)
    return lambda x: torch.where(x.roll(by, -1) > 0, x, 0.1 * x)


def quantising(draw: Random, channels: int) -> Part:
    table = torch.randn(6, channels, dtype=torch.float64)

    def run(x: Tensor) -> Tensor:
        codes = torch.cdist(x.transpose(1, 2), table[None]).argmin(-1)
        return x + (functional.embedding(codes, table).transpose(1, 2) - x)

    return run


def filtering_by_matrix(draw: Random, channels: int) -> Part:
    width = draw.randint(0, 3)

    def run(x: Tensor) -> Tensor:
        steps = torch.arange(x.shape[-1])
        near = (steps[None] - steps[:, None]).abs() <= width
        return x @ (near * (1.0 + steps[:, None] / 7)).double()

    return run


PARTS = (
    convolution,
    transposed_convolution,
    sparse_convolution,
    pooling,
    padding,
    shifting,
    interleaving,
    folding,
    attention,
    recurrence,
    recurrence_by_hand,
    norm,
    running_mean,
    residual,
    two_paths,
    writing_in_place,
    filling_a_buffer,
    striding,
    overlapping,
    gating,
    quantising,
    filtering_by_matrix,
)


class RandomNet(nn.Module):
    """Two to five parts in a row."""

    def __init__(self, seed: int, steps: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        draw, channels = Random(seed), 2
        self.names: list[str] = []
        self.parts: list[Part] = []
        x = torch.randn(1, channels, steps, dtype=torch.float64)
        while len(self.parts) < 2 + seed % 4:
            make = draw.choice(PARTS)
            part = make(draw, x.shape[1])
            with torch.no_grad():
                made = part(x)
            if 6 <= made.shape[-1] <= 4 * steps and made.shape[1] <= 8:
                x = made
                self.parts.append(part)
                self.names.append(make.__name__)

    def forward(self, x: Tensor) -> Tensor:
        for part in self.parts:
            x = part(x)
        return x
