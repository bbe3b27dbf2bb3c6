"""A codec after VoCodec in plain PyTorch, which uses nothing of the packages under test."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

WINDOW, HOP, LAYERS = 720, 240, 6


def window() -> Tensor:
    """Return a Hann window whose samples lie half a sample beside its zeros."""
    return torch.sin((torch.arange(WINDOW) + 0.5) * math.pi / WINDOW) ** 2


class Block(nn.Module):
    """A causal ConvNeXt block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, 9, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(functional.pad(x, (8, 0))).mT)
        branch: Tensor = self.gamma * self.down(functional.gelu(self.up(y)))
        return x + branch.mT


class Backbone(nn.Module):
    """A causal convolution, blocks, and a norm at both ends of them."""

    def __init__(self, values: int, width: int, kernel: int, blocks: int) -> None:
        super().__init__()
        self.embed = nn.Conv1d(values, width, kernel)
        self.first, self.last = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(functional.pad(x, (self.embed.kernel_size[0] - 1, 0)))
        x = self.first(x.mT).mT
        for block in self.blocks:
            x = block(x)
        normed: Tensor = self.last(x.mT)
        return normed.mT


class Codebook(nn.Module):
    """A layer of the quantizer, which codes what those before it left over."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project_in, self.project_out = nn.Linear(width, 8), nn.Linear(8, width)
        self.register_buffer("words", torch.randn(1024, 8))

    def encode(self, x: Tensor) -> Tensor:
        words = self.get_buffer("words")
        distances: Tensor = words.square().sum(1) - 2 * self.project_in(x) @ words.T
        return distances.argmin(-1)

    def decode(self, codes: Tensor) -> Tensor:
        decoded: Tensor = self.project_out(functional.embedding(codes, self.get_buffer("words")))
        return decoded


class Codec(nn.Module):
    """Real and imaginary parts to a latent, and back by magnitudes and phases."""

    def __init__(self, width: int = 192) -> None:
        super().__init__()
        self.register_buffer("window", window())
        self.encoder = Backbone(WINDOW + 2, width, 5, 5)
        self.quantizer = nn.ModuleList(Codebook(width) for _ in range(LAYERS))
        self.decoder = Backbone(width, width, 7, 3)
        self.head = nn.Linear(width, WINDOW + 2)

    def encode(self, audio: Tensor) -> Tensor:
        """Return the latent of each hop, from it and the two hops before."""
        padded = functional.pad(audio[:, 0], (WINDOW - HOP, 0))
        spectra = torch.fft.rfft(padded.unfold(1, WINDOW, HOP) * self.get_buffer("window"))
        latent: Tensor = self.encoder(torch.cat((spectra.real, spectra.imag), -1).mT)
        return latent

    def quantise(self, latent: Tensor) -> Tensor:
        """Return the codes of all layers."""
        rest, codes = latent.mT, []
        for codebook in self.quantizer:
            assert isinstance(codebook, Codebook)
            codes.append(codebook.encode(rest))
            rest = rest - codebook.decode(codes[-1])
        return torch.stack(codes)

    def dequantise(self, codes: Tensor) -> Tensor:
        """Return the sum of what all layers decode."""
        latent = torch.zeros(())
        for codebook, index in zip(self.quantizer, codes, strict=True):
            assert isinstance(codebook, Codebook)
            latent = latent + codebook.decode(index)
        return latent.mT

    def decode(self, latent: Tensor) -> Tensor:
        """Return audio, every sample of which three frames have been added to."""
        magnitude, phase = self.head(self.decoder(latent).mT).chunk(2, -1)
        magnitude = magnitude.exp().clip(max=100)
        spectra = torch.complex(magnitude * phase.cos(), magnitude * phase.sin())
        frames = torch.fft.irfft(spectra, n=WINDOW) * self._synthesis_window()
        length = WINDOW - HOP + latent.shape[-1] * HOP
        audio = functional.fold(frames.mT, (1, length), (1, WINDOW), stride=(1, HOP))
        return audio[:, 0, :, WINDOW - HOP :]

    def _synthesis_window(self) -> Tensor:
        """Return the window over the sum of the squares of all frames' windows at each sample."""
        hann = self.get_buffer("window")
        return hann / hann.square().reshape(-1, HOP).sum(0).repeat(WINDOW // HOP)
