"""Small codecs whose bitstreams are known, honest ones and others.

All run at 8 kHz with a hop of 8 samples, so 1,000 frames a second. The encoder is a strided
convolution to four channels, the decoder its transpose. ``Bare`` quantises by rounding: its code of
a channel is the channel's value on a grid, kept between 0 and ``levels - 1``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from lrac_audit.witness.target import AuditTarget, TargetMode

RATE_HZ, HOP, CHANNELS = 8000, 8, 4
FRAMES_PER_S = RATE_HZ // HOP


class Bare(nn.Module):
    """An encoder, a grid and a decoder; subclasses cheat."""

    def __init__(self, levels: int = 16) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.levels = levels
        self.encoder = nn.Conv1d(1, CHANNELS, HOP, stride=HOP)
        self.decoder = nn.ConvTranspose1d(CHANNELS, 1, HOP, stride=HOP)
        with torch.no_grad():
            self.encoder.weight.mul_(8)

    def transmit(self, audio):
        return self.encoder(audio)

    def quantise(self, latent):
        steps = (latent.tanh() * 0.5 + 0.5) * (self.levels - 1)
        return steps.round().long()

    def dequantise(self, codes):
        return codes.float() / (self.levels - 1) * 2 - 1

    def receive(self, latent):
        return self.decoder(latent)

    def target(self, kbps: float) -> AuditTarget:
        mode = TargetMode(kbps, self.quantise, self.dequantise)
        return target_of(self, mode)


def target_of(model: Any, mode: TargetMode, **changes: Any) -> AuditTarget:
    """The target of ``model`` with one mode; ``changes`` are other fields."""
    fields = {"transmit": model.transmit, "receive": model.receive, **changes}
    return AuditTarget("bare", model.eval(), RATE_HZ, HOP, modes=(mode,), **fields)


def kbps(*levels: int) -> float:
    """The bitrate of codes with so many levels in each frame."""
    return FRAMES_PER_S * sum(map(math.log2, levels)) / 1000


class Case(NamedTuple):
    """A codec, what it declares, and what the check must say."""

    name: str
    make: Callable[[], AuditTarget]
    status: str
    says: str = ""
    """Words that must be in one of the sentences."""


HONEST = kbps(16, 16, 16, 16)  # 16 kbps


def handing_over(change: Callable[[Any], Any], back: Callable[[Any], Any], rate: float = HONEST):
    """A codec whose codes go over the wire as ``change(codes)`` and come back by ``back``."""

    def make() -> AuditTarget:
        model = Bare()
        mode = TargetMode(
            rate, lambda latent: change(model.quantise(latent)), lambda c: model.dequantise(back(c))
        )
        return target_of(model, mode)

    return make
