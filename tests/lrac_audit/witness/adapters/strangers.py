"""Codecs as strangers write them: halves of many forms, rates stated in many places.

All of them code audio by a convolution of 8 taps and stride 4 to 4 channels, search 8 codewords,
and decode by its transpose: 32 multiply-accumulates for each of the three in a hop of 4 samples,
and 3 bits.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

RATE_HZ, HOP, CODEWORDS = 16_000, 4, 8
MACS_PER_HOP = {"convolution": 1 * 4 * 8, "search": 4 * CODEWORDS, "transposed": 4 * 1 * 8}
KBPS = 3 * RATE_HZ / HOP / 1000


class Halves(nn.Module):
    """A codec with ``encode`` from audio ``[B, 1, T]`` to codes ``[B, T / 4]``, and ``decode``."""

    sample_rate = RATE_HZ
    hop_length = HOP
    codebook_size = CODEWORDS

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.analysis = nn.Conv1d(1, 4, 8, stride=HOP)
        self.register_buffer("codebook", torch.randn(CODEWORDS, 4))
        self.synthesis = nn.ConvTranspose1d(4, 1, 8, stride=HOP)

    def codes(self, audio: Tensor) -> Tensor:
        latent = self.analysis(functional.pad(audio, (4, 0))).transpose(1, 2)
        return torch.cdist(latent, self.codebook).argmin(-1)

    def audio(self, codes: Tensor) -> Tensor:
        latent = functional.embedding(codes, self.codebook).transpose(1, 2)
        return self.synthesis(latent)[..., : codes.shape[-1] * HOP]

    def encode(self, audio: Tensor) -> Any:
        return self.codes(audio)

    def decode(self, codes: Any) -> Any:
        return self.audio(codes)


class Named(NamedTuple):
    scale: None
    audio_codes: Tensor


class WithFields(Halves):
    """As transformers does it: an object with fields on both sides."""

    def encode(self, audio: Tensor) -> Any:
        return Named(None, self.codes(audio))

    def decode(self, codes: Tensor) -> Any:
        return SimpleNamespace(audio_values=self.audio(codes))


class WithScale(Halves):
    """Its ``decode`` takes the pair that ``encode`` returns, and not the codes alone."""

    def encode(self, audio: Tensor) -> Any:
        return self.codes(audio), audio.unfold(-1, HOP, HOP).amax(-1)

    def decode(self, codes: tuple[Tensor, Tensor]) -> Any:
        words, scale = codes
        return self.audio(words) * scale.repeat_interleave(HOP, -1)


class WithKeys(Halves):
    def encode(self, audio: Tensor) -> Any:
        return {"loss": torch.zeros(()), "codes": self.codes(audio)}

    def decode(self, codes: Tensor) -> Any:
        return {"audio": self.audio(codes)}


class WithoutChannels(Halves):
    """Audio ``[B, T]`` on both sides."""

    def encode(self, audio: Tensor) -> Any:
        if audio.dim() != 2:
            raise ValueError("audio is [B, T]")
        return self.codes(audio.unsqueeze(1))

    def decode(self, codes: Tensor) -> Any:
        return self.audio(codes).squeeze(1)


class WithoutBatches(WithoutChannels):
    """One clip ``[1, T]`` at a time, which torch takes for one channel, to codes ``[F]``."""

    def encode(self, audio: Tensor) -> Any:
        if len(audio) != 1:
            raise ValueError("one clip at a time")
        return super().encode(audio)[0]

    def decode(self, codes: Tensor) -> Any:
        return super().decode(codes[None])


class OfSixtyHops(WithoutChannels):
    """Audio ``[B, T]`` to that of 60 hops, however short it is."""

    def decode(self, codes: Tensor) -> Any:
        audio = super().decode(codes)
        return functional.pad(audio, (0, 60 * HOP - audio.shape[-1]))


class WrongWidth(Halves):
    """A latent of 4 channels, of which 3 are handed to a layer that takes 4.

    Of audio ``[1, T]`` torch makes a latent ``[4, F]``, of which 3 frames are handed on.
    """

    def encode(self, audio: Tensor) -> Any:
        return self.analysis(functional.pad(audio, (4, 0)))[:, :3]

    def decode(self, latent: Tensor) -> Any:
        return self.synthesis(latent)


class WrongSplit(WrongWidth):
    """The same by a split in two halves of 2 channels, or of half of the frames."""

    def encode(self, audio: Tensor) -> Any:
        return self.analysis(functional.pad(audio, (4, 0))).chunk(2, 1)[0]


class SeveralCodes(Halves):
    """A list of codes, of which ``decode`` takes all."""

    def encode(self, audio: Tensor) -> Any:
        return [self.codes(audio)]

    def decode(self, codes: list[Tensor]) -> Any:
        return self.audio(codes[0])


class WithLoss(Halves):
    """A tuple of a loss and the codes."""

    def encode(self, audio: Tensor) -> Any:
        return torch.zeros(()), self.codes(audio)


class Latents(Halves):
    """No quantizer: a latent is handed over."""

    def encode(self, audio: Tensor) -> Any:
        return SimpleNamespace(latents=self.analysis(functional.pad(audio, (4, 0))))

    def decode(self, latents: Tensor) -> Any:
        return self.synthesis(latents)[..., : latents.shape[-1] * HOP]


class Configured(Halves):
    """Rates in a configuration, as an object, the hop by way of the frame rate."""

    sample_rate = hop_length = codebook_size = None  # type: ignore[assignment]

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self.config = SimpleNamespace(**config)


class ForwardOnly(nn.Module):
    """A whole codec whose ``forward`` returns an object."""

    sampling_rate = RATE_HZ
    hop_size = HOP

    def __init__(self) -> None:
        super().__init__()
        self.codec = Halves()

    def forward(self, audio: Tensor) -> Any:
        return SimpleNamespace(loss=None, audio_values=self.codec.audio(self.codec.codes(audio)))


def silent() -> nn.Module:
    """Return a codec that says no rates at all."""
    return Configured()


def halves() -> nn.Module:
    return Halves()
