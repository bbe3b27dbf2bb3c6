"""Small codecs of hop 4 whose look-ahead is known by construction.

``Conv(left, right)`` pads by so many steps at either end and has a kernel of ``left + right + 1``:
its output step i is made from its input steps i - left to i + right. ``Down`` makes step f from the
four samples 4 f to 4 f + 3, ``Up`` makes four samples 4 f to 4 f + 3 from step f.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.witness.target import AuditTarget

HOP, WIDTH = 4, 6


class Conv(nn.Module):
    def __init__(self, before, after, left=0, right=0):
        super().__init__()
        self.padding = left, right
        self.conv = nn.Conv1d(before, after, left + right + 1)

    def forward(self, x):
        return torch.tanh(self.conv(functional.pad(x, self.padding)) / 4)


class Down(nn.Conv1d):
    def __init__(self, before=WIDTH, after=WIDTH):
        super().__init__(before, after, HOP, HOP)


class Up(nn.ConvTranspose1d):
    def __init__(self, before=WIDTH, after=WIDTH):
        super().__init__(before, after, HOP, HOP)


class HardVQ(nn.Module):
    """The nearest of 64 codewords at each step, and nothing else."""

    def __init__(self, straight_through=False):
        super().__init__()
        self.straight_through = straight_through
        self.codebook = nn.Parameter(torch.randn(64, WIDTH) * 0.3)

    def forward(self, x):
        steps = x.transpose(1, 2)
        nearest = torch.cdist(steps, self.codebook.expand(len(x), -1, -1)).argmin(2)
        coded = self.codebook[nearest].transpose(1, 2)
        return x + (coded - x).detach() if self.straight_through else coded


class Attention(nn.Module):
    def __init__(self, masked=True):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.masked = masked

    def forward(self, x):
        q, k, v = self.qkv(x.transpose(1, 2)).chunk(3, 2)
        scores = q @ k.transpose(1, 2) / WIDTH**0.5
        if self.masked:
            future = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(future, float("-inf"))
        return x + (scores.softmax(2) @ v).transpose(1, 2)


class Recurrent(nn.Module):
    def __init__(self, bidirectional):
        super().__init__()
        width = WIDTH // 2 if bidirectional else WIDTH
        self.lstm = nn.LSTM(WIDTH, width, batch_first=True, bidirectional=bidirectional)

    def forward(self, x):
        return self.lstm(x.transpose(1, 2))[0].transpose(1, 2)


class TimeMean(nn.Module):
    def forward(self, x):
        return x - x.mean(2, keepdim=True)


class CentredSTFT(nn.Module):
    """Magnitudes of frames of 16 samples, 4 apart, each centred on its first sample."""

    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.hann_window(16, periodic=False) + 0.1)

    def forward(self, x):
        spectrum = torch.stft(
            x[:, 0], 16, HOP, window=self.window, center=True, return_complex=True
        )
        return spectrum.abs()[:, :WIDTH, :-1]


class Codec(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        return self.decoder(self.encoder(x))


def encoder(*between: nn.Module, left=3, right=0) -> nn.Sequential:
    return nn.Sequential(Conv(1, WIDTH, left, right), Down(), *between)


def decoder(left=3, right=0) -> nn.Sequential:
    return nn.Sequential(Up(), Conv(WIDTH, 1, left, right))


def undivided(model: nn.Module, hop=HOP) -> AuditTarget:
    return AuditTarget("toy", model, 8000, hop, model)


def divided(codec: Codec, hop=HOP) -> AuditTarget:
    return AuditTarget("toy", codec, 8000, hop, codec.encoder, codec.decoder)


def audio(rows=1, hops=8) -> Tensor:
    return torch.randn(rows, 1, hops * HOP)
