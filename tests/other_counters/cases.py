"""Single operations of audio codecs, each with its multiply-accumulates derived by hand.

Tensors are ``[B, C, T]``: batch, channels, time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.nn.utils.parametrizations import weight_norm


@dataclass(frozen=True)
class Case:
    """One operation, and what it costs on an input of ``steps`` time steps."""

    name: str
    make: Callable[[], nn.Module]
    channels: int
    steps: int
    macs: int


class Recurrent(nn.Module):
    """A recurrent layer on ``[B, C, T]``."""

    def __init__(self, layer: nn.LSTM | nn.GRU) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.transpose(1, 2))[0].transpose(1, 2)


class Linear(nn.Module):
    """A linear map of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(32, 64)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.transpose(1, 2)).transpose(1, 2)


class WindowAttention(nn.Module):
    """Four heads of width 16 that see the last 10 steps."""

    def forward(self, x: Tensor) -> Tensor:
        heads = x.reshape(x.shape[0], 4, 16, -1).transpose(2, 3)
        steps = torch.arange(x.shape[2])
        age = steps[:, None] - steps[None, :]
        seen = scaled_dot_product_attention(heads, heads, heads, (age >= 0) & (age < 10))
        return seen.transpose(2, 3).reshape(x.shape)


class Search(nn.Module):
    """The nearest of 1,024 codewords of width 64 for every step."""

    def __init__(self, distances: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.codewords = nn.Parameter(torch.randn(1024, 64))
        self.distances = distances

    def forward(self, x: Tensor) -> Tensor:
        vectors = x.transpose(1, 2).reshape(-1, 64)
        nearest = self.distances(vectors, self.codewords).argmin(1)
        return self.codewords[nearest].reshape(x.shape[0], -1, 64).transpose(1, 2)


def by_product(vectors: Tensor, codewords: Tensor) -> Tensor:
    """Squared distances without the norms of ``vectors``, which are the same for every codeword."""
    return codewords.square().sum(1) - 2 * vectors @ codewords.t()


def by_differences(vectors: Tensor, codewords: Tensor) -> Tensor:
    """Squared distances, written as sums of squared differences."""
    return (vectors[:, None] - codewords[None]).square().sum(2)


SEARCH_MACS = 60 * 1024 * 64

CASES = (
    Case("convolution, 8 to 16 channels, kernel 7", lambda: nn.Conv1d(8, 16, 7, padding=3),
         8, 240, 16 * 8 * 7 * 240),
    # Each of 60 input steps meets every tap once, whatever the stride: the input rate counts.
    Case("transposed convolution, 16 to 8 channels, kernel 8, stride 4",
         lambda: nn.ConvTranspose1d(16, 8, 8, stride=4, padding=2), 16, 60, 16 * 8 * 8 * 60),
    Case("the convolution under weight norm",
         lambda: weight_norm(nn.Conv1d(8, 16, 7, padding=3)), 8, 240, 16 * 8 * 7 * 240),
    Case("linear map of every step, 32 to 64", Linear, 32, 240, 32 * 64 * 240),
    Case("LSTM, 2 layers, 32 to 64",
         lambda: Recurrent(nn.LSTM(32, 64, 2, batch_first=True)),
         32, 240, 240 * 4 * 64 * ((32 + 64) + (64 + 64))),
    Case("GRU, 32 to 64", lambda: Recurrent(nn.GRU(32, 64, batch_first=True)),
         32, 240, 240 * 3 * 64 * (32 + 64)),
    Case("codebook search by `cdist`", lambda: Search(torch.cdist), 64, 60, SEARCH_MACS),
    Case("codebook search by a matrix product", lambda: Search(by_product), 64, 60, SEARCH_MACS),
    Case("codebook search by differences", lambda: Search(by_differences), 64, 60, SEARCH_MACS),
    # A query and a key, then a weight and a value, for each of 10 steps, 4 heads of width 16.
    Case("attention to the last 10 steps", WindowAttention, 64, 240, 2 * 240 * 10 * 4 * 16),
)  # fmt: skip
