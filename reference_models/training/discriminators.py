"""Discriminators of complex spectrograms at several resolutions.

Shapes: a spectrogram is ``[B, 2, frames, bins]``, real and imaginary part as channels; every map
computed from it is ``[B, channels, frames, bins']``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from reference_models.training.configuration_parts import DiscriminatorSizes
from reference_models.training.convolution_2d import Convolution2d

HOPS_PER_WINDOW = 4
SLOPE = 0.1
"""Slope of the leaky ReLU for negative values."""


class Geometry(NamedTuple):
    """The geometry of one convolution over frames and bins."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]

    @property
    def padding(self) -> tuple[int, int]:
        """Zeros on each side, so that a map is smaller than its input only by the stride."""
        (k_frames, k_bins), (d_frames, d_bins) = self.kernel, self.dilation
        return (k_frames - 1) * d_frames // 2, (k_bins - 1) * d_bins // 2


LAYERS = (
    Geometry((3, 9), (1, 1), (1, 1)),
    Geometry((3, 9), (1, 2), (1, 1)),
    Geometry((3, 9), (1, 2), (2, 1)),
    Geometry((3, 9), (1, 2), (4, 1)),
    Geometry((3, 3), (1, 1), (1, 1)),
)
LAST = Geometry((3, 3), (1, 1), (1, 1))
"""The last convolution; its only channel is the judgement, high for audio judged as real."""

Maps = list[Tensor]
"""Outputs of every layer of one discriminator, the judgement last."""


class SpectrogramDiscriminator(nn.Module):
    """The discriminator of one resolution."""

    hann: Tensor

    def __init__(self, window: int, channels: int, normalise_first: bool) -> None:
        super().__init__()
        self.window = window
        hann = torch.hann_window(window)
        self.register_buffer("hann", hann / hann.square().sum().sqrt(), persistent=False)
        widths = [2, *[channels] * len(LAYERS)]
        self.layers = nn.ModuleList(
            _convolution(before, after, geometry, normalise_first or i > 0)
            for i, (geometry, before, after) in enumerate(
                zip(LAYERS, widths[:-1], widths[1:], strict=True)
            )
        )
        self.last = _convolution(channels, 1, LAST, normalise=True)
        self.activation = nn.LeakyReLU(SLOPE, inplace=True)

    def forward(self, audio: Tensor) -> Maps:
        """Return the maps of every layer for ``audio [B, 1, T]``."""
        x = self.spectrogram(audio)
        maps = []
        for layer in self.layers:
            x = self.activation(layer(x))
            maps.append(x)
        judgement = self.last(x).to(audio.dtype)  # 1 - x in bfloat16 would be 1 for small x
        return [*maps, judgement]

    def spectrogram(self, audio: Tensor) -> Tensor:
        """Return the STFT by Hann windows of unit energy, unpadded: ``[B, 2, frames, bins]``."""
        spectrum = torch.stft(
            audio[:, 0],
            self.window,
            self.window // HOPS_PER_WINDOW,
            window=self.hann,
            center=False,
            return_complex=True,
        )
        return torch.view_as_real(spectrum).permute(0, 3, 2, 1)


def _convolution(before: int, after: int, geometry: Geometry, normalise: bool) -> nn.Module:
    conv = Convolution2d(
        before, after, geometry.kernel, geometry.stride, geometry.padding, geometry.dilation
    )
    return parametrizations.weight_norm(conv) if normalise else conv


class Discriminators(nn.Module):
    """The discriminators of all resolutions, each with weights of its own."""

    def __init__(self, sizes: DiscriminatorSizes) -> None:
        super().__init__()
        self.each = nn.ModuleList(
            SpectrogramDiscriminator(window, sizes.channels, sizes.normalise_first)
            for window in sizes.windows
        )
        self._dtype = getattr(torch, sizes.precision)

    def forward(self, fake: Tensor, real: Tensor) -> tuple[list[Maps], list[Maps]]:
        """Return the maps of ``fake`` and of ``real``, both ``[B, 1, T]``, by discriminator."""
        with self._autocast(fake.device):
            return [one(fake) for one in self.each], [one(real) for one in self.each]

    def _autocast(self, device: torch.device) -> AbstractContextManager[None]:
        if self._dtype == torch.float32:
            return nullcontext()
        return torch.autocast(device.type, self._dtype)
