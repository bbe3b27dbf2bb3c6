"""Codecs whose work depends on the audio, with the work of their dearest path by hand.

All run at 8 kHz with a hop of 8 samples. ``Stem`` is a convolution of 8 taps with stride 8 to 4
channels, 8 x 4 = 32 MACs per hop, and its transpose, as many. Between them stand paths of pointwise
convolutions: 4 to 4 channels once a hop are 16 MACs, 4 to 8 and back are 64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

STEM = 32 + 32


class Stem(nn.Module):
    """An encoder and a decoder with a path between them that the audio chooses."""

    sample_rate, hop_length = 8000, 8

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = nn.Conv1d(1, 4, 8, stride=8)
        self.small = nn.Conv1d(4, 4, 1)
        self.big = nn.Sequential(nn.Conv1d(4, 8, 1), nn.Conv1d(8, 4, 1))
        self.other = nn.Conv1d(4, 4, 1)
        self.decoder = nn.ConvTranspose1d(4, 1, 8, stride=8)

    def forward(self, audio):
        return self.decoder(self.between(self.encoder(audio), audio))


class Case(NamedTuple):
    """A way to choose a path, and what it costs at most."""

    name: str
    between: Callable[[Any, Any, Any], Any]
    macs: int
    varies: bool = True


def _loud_by_bool(m, z, x):
    return m.big(z) if x.abs().max() > 0.9 else z


def _loud_by_item(m, z, x):
    peak = x.abs().max().item()
    return m.big(z) if peak > 0.9 else z


def _loud_by_any(m, z, x):
    return m.big(z) if (x.abs() > 0.9).any() else z


def _loud_by_float(m, z, x):
    return m.big(z) if float(x.abs().max()) > 0.9 else z


def _loud_by_equal(m, z, x):
    return z if torch.equal(x, x.clamp(-0.9, 0.9)) else m.big(z)


def _quiet(m, z, x):
    return m.big(z) if x.abs().max() < 1e-6 else z


def _quiet_or_loud(m, z, x):
    return m.big(z) if x.square().mean() > 0.01 else m.small(z)


def _loud_or_quiet(m, z, x):
    return m.small(z) if x.square().mean() > 0.01 else m.big(z)


def _one_of_three(m, z, x):
    peak = x.abs().max()
    if peak == 0:
        return m.small(z)
    if peak < 0.9:
        return m.other(z)
    return m.big(z)


def _each_for_itself(m, z, x):
    """The one above a peak, the other where neighbours are alike: a tone and speech, not noise.

    To multiply each sample of a hop by its neighbour and to sum that up are 8 MACs more.
    """
    if x.abs().max() > 0.9:
        z = m.big(z)
    if (x[..., 1:] * x[..., :-1]).mean() > 0.5 * x.square().mean():
        z = m.small(z)
    return z


def _again_and_again(m, z, x):
    """Once more for each tenth of the peak up to half of full scale: 5 times at most."""
    level = 0.1
    while level < 0.55 and x.abs().max() > level:
        z, level = m.small(z), level + 0.1
    return z


def _only_silence_is_short(m, z, x):
    return z if not x.any() else m.big(z)


def _speech_only(m, z, x):
    """Where the level changes slowly over the clip by more than noise does."""
    level = x.square().mean()
    return m.big(z) if 0.001 < level < 0.1 else z


def _same_price(m, z, x):
    return m.other(z) if x.abs().max() > 0.9 else m.small(z)


def _asserted(m, z, x):
    if z.isnan().any():
        raise ValueError("no numbers")
    return m.small(z)


LOUD = STEM + 64
CASES = [
    Case("above a peak, by bool", _loud_by_bool, LOUD),
    Case("above a peak, by item", _loud_by_item, LOUD),
    Case("above a peak, by any", _loud_by_any, LOUD),
    Case("above a peak, by float", _loud_by_float, LOUD),
    Case("above a peak, by equal", _loud_by_equal, LOUD),
    Case("below a peak", _quiet, LOUD),
    Case("big instead of small", _quiet_or_loud, LOUD),
    Case("small instead of big", _loud_or_quiet, LOUD),
    Case("one of three", _one_of_three, LOUD),
    Case("each for itself", _each_for_itself, LOUD + 16 + 8),
    Case("again and again", _again_and_again, STEM + 5 * 16),
    Case("all but silence", _only_silence_is_short, LOUD),
    Case("at a level between", _speech_only, LOUD),
    Case("two paths of one price", _same_price, STEM + 16, varies=False),
    Case("only asserted", _asserted, STEM + 16, varies=False),
]


def made(case: Case) -> nn.Module:
    """The codec of a case, to be audited whole."""

    class Chooser(Stem):
        def between(self, latent, audio):
            return case.between(self, latent, audio)

    return Chooser().eval()


class LooksAhead(Stem):
    """Sees 16 samples more where it is loud: a kernel of 3 at the latent, two of it ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = nn.Conv1d(4, 4, 3)

    def between(self, latent, audio):
        if audio.abs().max() > 0.9:
            return self.ahead(functional.pad(latent, (0, 2)))
        return latent


class ReadsConstants(Stem):
    """Reads a buffer and its own weights, never the audio."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("layers", torch.tensor(2))

    def between(self, latent, audio):
        for _ in range(int(self.layers.item())):
            latent = self.small(latent)
        return self.big(latent) if self.small.weight.abs().max() > 0 else latent
