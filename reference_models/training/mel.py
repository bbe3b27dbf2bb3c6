"""Multi-resolution mel loss: the distance of two signals on mel scales.

For each window of ``w`` samples, with a hop of ``w / 4`` and ``5 w / 32`` mels, the distance of the
logarithmic mel amplitudes is ``L_w = mean |d| + a_w mean d^2``, ``a_w = sqrt(w - 1)``; the loss is
``sum L_w / sum (1 + a_w)``. Amplitudes and their mels are bounded from below as in the recipe.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

FLOOR = 1e-10
"""Lower bounds of the energy of a bin, and of the amplitude in a mel."""
MELS_PER_SAMPLE = 5 / 32
"""Mels per sample of a window: 10 for a window of 64 samples, 320 for one of 2,048."""
HOPS_PER_WINDOW = 4

HZ_PER_MEL = 200 / 3
"""Spacing of mels up to the knee, where Slaney's scale is linear."""
KNEE_HZ = 1000.0
MELS_PER_FACTOR_E = 27 / math.log(6.4)
"""Mels per factor e above the knee, where the scale is logarithmic."""


def mels_of(window: int) -> int:
    """Return the number of mels for a window."""
    return int(window * MELS_PER_SAMPLE)


def filterbank(sample_rate_hz: int, window: int, mels: int) -> Tensor:
    """Return Slaney's triangles of equal area, up to half the rate: ``[window / 2 + 1, mels]``.

    M. Slaney, Auditory Toolbox, 1998: each filter rises from its lower neighbour's centre and falls
    to its upper one's, and is scaled by 2 over its width in Hz.
    """
    bins_hz = torch.linspace(0, sample_rate_hz / 2, window // 2 + 1, dtype=torch.float64)
    top = _hz_to_mel(sample_rate_hz / 2)
    edges_hz = _mel_to_hz(torch.linspace(0, top, mels + 2, dtype=torch.float64))
    lower, centre, upper = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - lower) / (centre - lower)
    falling = (upper - bins_hz[:, None]) / (upper - centre)
    triangles = torch.minimum(rising, falling).clamp(min=0)
    return (triangles * 2 / (upper - lower)).to(torch.get_default_dtype())


def _hz_to_mel(hz: float) -> float:
    if hz < KNEE_HZ:
        return hz / HZ_PER_MEL
    return KNEE_HZ / HZ_PER_MEL + math.log(hz / KNEE_HZ) * MELS_PER_FACTOR_E


def _mel_to_hz(mel: Tensor) -> Tensor:
    knee = KNEE_HZ / HZ_PER_MEL
    return torch.where(
        mel < knee, mel * HZ_PER_MEL, KNEE_HZ * ((mel - knee) / MELS_PER_FACTOR_E).exp()
    )


class LogMel(nn.Module):
    """The logarithmic mel spectrogram of one resolution."""

    hann: Tensor
    filters: Tensor

    def __init__(self, sample_rate_hz: int, window: int) -> None:
        super().__init__()
        self.window = window
        bank = filterbank(sample_rate_hz, window, mels_of(window))
        self.register_buffer("hann", torch.hann_window(window), persistent=False)
        self.register_buffer("filters", bank, persistent=False)

    def forward(self, audio: Tensor) -> Tensor:
        """Return the spectrogram ``[B C, frames, mels]`` of ``audio [B, C, T]``."""
        spectrum = torch.stft(
            audio.flatten(0, 1),
            self.window,
            self.window // HOPS_PER_WINDOW,
            window=self.hann,
            center=True,
            pad_mode="reflect",
            return_complex=True,
        )
        energy = spectrum.real.square() + spectrum.imag.square()
        amplitude = energy.clamp(min=FLOOR).sqrt().transpose(1, 2)
        return (amplitude @ self.filters).clamp(min=FLOOR).log()


class MelDistance(nn.Module):
    """The mel loss."""

    def __init__(self, sample_rate_hz: int, windows: Sequence[int]) -> None:
        super().__init__()
        self.scales = nn.ModuleList(LogMel(sample_rate_hz, window) for window in windows)
        self.slopes = [math.sqrt(window - 1) for window in windows]

    def forward(self, audio: Tensor, target: Tensor) -> Tensor:
        """Return the loss of ``audio [B, C, T]``, a mean over batch, frames and mels."""
        total = audio.new_zeros(())
        for scale, slope in zip(self.scales, self.slopes, strict=True):
            with torch.no_grad():
                wanted = scale(target)
            difference = scale(audio) - wanted
            total = total + difference.abs().mean() + slope * difference.square().mean()
        return total / sum(1 + slope for slope in self.slopes)
