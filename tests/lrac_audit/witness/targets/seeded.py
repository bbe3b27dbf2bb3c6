"""Codecs whose weights come from a seed: recurrent layers, quantizers without a table, EnCodec."""

from __future__ import annotations

import torch
from torch import Tensor, nn

RATE_HZ, HOP, WIDTH = 8000, 8, 4


class FiniteScalars(nn.Module):
    """A GRU on frames, whose states are rounded to five levels each, and a GRU back to frames."""

    sample_rate, hop_length = RATE_HZ, HOP

    def __init__(self) -> None:
        super().__init__()
        self.frames = nn.Conv1d(1, WIDTH, HOP, stride=HOP)
        self.coding = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.decoding = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.samples = nn.ConvTranspose1d(WIDTH, 1, HOP, stride=HOP)

    def encode(self, x: Tensor) -> Tensor:
        """``[1, 1, T]`` to whole numbers ``[1, F, WIDTH]`` from 0 to 4."""
        states, _ = self.coding(self.frames(x).mT)
        return (2 * torch.tanh(states)).round().long() + 2

    def decode(self, codes: Tensor) -> Tensor:
        """``[1, F, WIDTH]`` to ``[1, 1, T]``."""
        states, _ = self.decoding((codes - 2) / 2)
        return self.samples(states.mT)


class ThreeLSTMs(nn.Module):
    """A convolution over frames, and three LSTM layers."""

    sample_rate, hop_length = RATE_HZ, HOP

    def __init__(self) -> None:
        super().__init__()
        self.frames = nn.Conv1d(1, WIDTH, HOP, stride=HOP)
        self.states = nn.LSTM(WIDTH, HOP, num_layers=3, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """``[1, 1, T]`` to as much."""
        return self.states(self.frames(x).mT)[0].flatten(1)[:, None]


def narrow_encodec() -> nn.Module:
    """Return the EnCodec of transformers with few channels and small codebooks."""
    from transformers import EncodecConfig, EncodecModel

    config = EncodecConfig(
        num_filters=2,
        hidden_size=8,
        codebook_size=8,
        codebook_dim=8,
        upsampling_ratios=[4, 2],
        target_bandwidths=[18.0],
        num_lstm_layers=1,
    )
    return EncodecModel(config).eval()
