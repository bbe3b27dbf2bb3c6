"""Spectrum loss: the distance of two signals on compressed spectra, with and without phase.

For each window, with a hop of a quarter of it, and ``X`` and ``Y`` the spectra of the two signals:
``mean (|X|^c - |Y|^c)^2 + w mean |X |X|^(c-1) - Y |Y|^(c-1)|^2``; the loss is the mean over the
windows. An exponent ``c`` below 1 lets quiet parts count too. The second term compares phases,
which a mel loss does not see.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reference_models.training.configuration_parts import SpectrumSettings

FLOOR = 1e-7
"""Lower bound of the energy of a bin, where the slope of the power would grow without bound."""
HOPS_PER_WINDOW = 4


class CompressedSpectrum(nn.Module):
    """The compressed spectrum of one resolution."""

    hann: Tensor

    def __init__(self, window: int, exponent: float) -> None:
        super().__init__()
        self.window = window
        self.exponent = exponent
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """Return amplitudes ``[B C, bins, frames]`` and values ``[B C, bins, frames, 2]``."""
        spectrum = torch.stft(
            audio.flatten(0, 1),
            self.window,
            self.window // HOPS_PER_WINDOW,
            window=self.hann,
            return_complex=True,
        )
        energy = (spectrum.real.square() + spectrum.imag.square()).clamp(min=FLOOR)
        amplitude = energy ** (self.exponent / 2)
        factor = (amplitude / energy.sqrt()).unsqueeze(-1)
        return amplitude, torch.view_as_real(spectrum) * factor


class SpectrumDistance(nn.Module):
    """The spectrum loss."""

    def __init__(self, settings: SpectrumSettings) -> None:
        super().__init__()
        self.complex_weight = settings.complex_weight
        self.scales = nn.ModuleList(
            CompressedSpectrum(window, settings.exponent) for window in settings.windows
        )

    def forward(self, audio: Tensor, target: Tensor) -> Tensor:
        """Return the loss of ``audio [B, C, T]``, a mean over batch, frames and bins."""
        total = audio.new_zeros(())
        for scale in self.scales:
            with torch.no_grad():
                wanted_amplitude, wanted_values = scale(target)
            amplitude, values = scale(audio)
            total = total + (amplitude - wanted_amplitude).square().mean()
            # The mean over both parts of a complex value is half that over complex values.
            total = total + 2 * self.complex_weight * (values - wanted_values).square().mean()
        return total / len(self.scales)
