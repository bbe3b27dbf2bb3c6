"""Codecs whose output depends on the whole clip, also where that fades below rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from tests.lrac_audit.witness.latency.cases.case import AUDITED, WIDTH, Case, Codec, down, up

HOP = 16


def backward_by_hand(x: Tensor) -> Tensor:
    state, states = torch.zeros_like(x[:, :, 0]), []
    for step in reversed(range(x.shape[2])):
        state = 0.3 * state + x[:, :, step]
        states.append(state)
    return torch.stack(states[::-1], 2)


def backward_by_sums(x: Tensor) -> Tensor:
    return x.flip(2).cumsum(2).flip(2)


def backward_in_place(x: Tensor) -> Tensor:
    y = x.clone()
    for step in reversed(range(x.shape[2] - 1)):
        y[:, :, step] += 0.3 * y[:, :, step + 1]
    return y


def without_mean(x: Tensor) -> Tensor:
    return x - x.mean(2, keepdim=True)


def without_summed_mean(x: Tensor) -> Tensor:
    return x - x.sum(2, keepdim=True) / x.shape[2]


def scaled_by_peak(x: Tensor) -> Tensor:
    return x / x.abs().amax(2, keepdim=True)


def scaled_by_sorting(x: Tensor) -> Tensor:
    return x / x.abs().sort(2).values[:, :, -1:]


def by_fourier(x: Tensor) -> Tensor:
    return torch.fft.irfft(torch.fft.rfft(x, dim=2) * 0.5, n=x.shape[2], dim=2)


class BackwardGRU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(WIDTH, WIDTH, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.gru(x.flip(2).transpose(1, 2))[0].transpose(1, 2).flip(2)


class BothWays(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x.transpose(1, 2))[0].transpose(1, 2)


class Unmasked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        steps = x.transpose(1, 2)
        return self.attention(steps, steps, steps, need_weights=False)[0].transpose(1, 2)


PARTS: dict[str, Callable[[], Callable[[Tensor], Tensor]]] = {
    "a backward recurrence by hand": lambda: backward_by_hand,
    "a backward sum": lambda: backward_by_sums,
    "a backward recurrence in place": lambda: backward_in_place,
    "a backward GRU": BackwardGRU,
    "a bidirectional LSTM": BothWays,
    "a mean over time": lambda: without_mean,
    "a sum over time": lambda: without_summed_mean,
    "a peak over time": lambda: scaled_by_peak,
    "a sorted clip": lambda: scaled_by_sorting,
    "a Fourier transform": lambda: by_fourier,
    "a norm over time": lambda: nn.GroupNorm(1, WIDTH),
    "attention without a mask": Unmasked,
}


def cases() -> Iterator[Case]:
    for name, make in PARTS.items():
        for audited, target in AUDITED.items():
            yield Case(
                f"{name}, {audited}",
                lambda m=make, t=target: t(Codec(down(HOP), up(HOP), m()), HOP),
                None,
                proved=False,
            )
