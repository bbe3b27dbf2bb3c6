"""The form of a case, and small parts that most cases are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.witness.target import AuditTarget

WIDTH = 6
Part = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Case:
    """A codec and its delay by hand."""

    name: str
    make: Callable[[], AuditTarget]
    total_samples: int | None
    """None where the output depends on the whole clip."""
    proved: bool | None = True
    """Whether the effect of the latest input can be shown as well; None where that is up to the
    weights that are drawn."""


class Codec(nn.Module):
    """An encoder, a part between and a decoder, any of them a module or a function."""

    def __init__(self, encoder: Part, decoder: Part, between: Part | None = None) -> None:
        super().__init__()
        self.encoder, self.decoder, self.between = encoder, decoder, between

    def transmit(self, audio: Tensor) -> Tensor:
        latent = self.encoder(audio)
        return latent if self.between is None else self.between(latent)

    def receive(self, latent: Tensor) -> Tensor:
        return self.decoder(latent)

    def forward(self, audio: Tensor) -> Tensor:
        return self.receive(self.transmit(audio))


def whole(codec: Codec, hop: int) -> AuditTarget:
    return AuditTarget("case", codec, 8000, hop, codec)


def divided(codec: Codec, hop: int) -> AuditTarget:
    return AuditTarget("case", codec, 8000, hop, codec.transmit, codec.receive)


AUDITED: dict[str, Callable[[Codec, int], AuditTarget]] = {"whole": whole, "divided": divided}
"""The two ways to audit a codec; the total must be the same."""


def down(samples: int) -> nn.Conv1d:
    """Step i is made of its own samples."""
    return nn.Conv1d(1, WIDTH, samples, samples)


def up(samples: int) -> nn.ConvTranspose1d:
    """Its own samples are made of step i."""
    return nn.ConvTranspose1d(WIDTH, 1, samples, samples)


class Search(nn.Module):
    """The nearest of 64 codewords at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.codebook = nn.Parameter(torch.randn(64, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        steps = x.transpose(1, 2)
        chosen = torch.cdist(steps, self.codebook.expand(len(x), -1, -1)).argmin(2)
        return functional.embedding(chosen, self.codebook).transpose(1, 2)
