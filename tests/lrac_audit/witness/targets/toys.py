"""Factories for ``python:`` targets, small enough to be counted by hand."""

import torch
from torch import nn
from torch.nn import functional

from lrac_audit.witness.target import AuditTarget, TargetMode

RATE_HZ, HOP = 16_000, 4


class Tiny(nn.Module):
    """A convolution, a codebook and a transposed convolution: 4 channels at a quarter of the rate.

    Multiply-accumulates per hop: 1 * 4 * 8 = 32 to encode, 8 * 4 = 32 to search, 4 * 1 * 8 = 32 to
    decode.
    """

    def __init__(self, look_ahead: int = 0) -> None:
        super().__init__()
        self.look_ahead = look_ahead
        self.encoder = nn.Conv1d(1, 4, 8, stride=HOP)
        self.register_buffer("codebook", torch.randn(8, 4))
        self.decoder = nn.ConvTranspose1d(4, 1, 8, stride=HOP)

    def transmit(self, audio):
        return self.encoder(functional.pad(audio, (4 - self.look_ahead, self.look_ahead)))

    def quantise(self, latent):
        vectors = latent.transpose(1, 2)
        scores = self.codebook.square().sum(1) - 2 * vectors @ self.codebook.t()
        return scores.argmin(2)

    def dequantise(self, codes):
        return functional.embedding(codes, self.codebook).transpose(1, 2)

    def receive(self, latent):
        return self.decoder(latent)[:, :, : latent.shape[2] * HOP]


def tiny(look_ahead: int = 0, bitrates: int = 1) -> AuditTarget:
    torch.manual_seed(0)
    model = Tiny(look_ahead).eval()
    modes = [TargetMode(12.0 * (i + 1), model.quantise, model.dequantise) for i in range(bitrates)]
    return AuditTarget("Tiny", model, RATE_HZ, HOP, model.transmit, model.receive, tuple(modes))


class Whole(nn.Module):
    sample_rate = RATE_HZ
    hop_length = HOP

    def __init__(self) -> None:
        super().__init__()
        self.tiny = Tiny()

    def forward(self, audio):
        return self.tiny.receive(self.tiny.transmit(audio))


def whole() -> nn.Module:
    return Whole().eval()


class Nameless(nn.Module):
    """Says neither its sample rate nor its hop."""


class Chatty(Whole):
    def forward(self, audio):
        print("running")  # noqa: T201
        return super().forward(audio)


def chatty() -> nn.Module:
    print("building")  # noqa: T201
    return Chatty().eval()


def raises() -> None:
    raise RuntimeError("no weights\nand a second line")


def leaves() -> None:
    raise SystemExit(1)


def returns_text() -> str:
    return "text"


def lacks() -> None:
    import package_that_is_not_there  # noqa: F401


class Broken(Whole):
    def forward(self, audio):
        raise ValueError("not with this audio")


def broken() -> nn.Module:
    return Broken().eval()


class Noisy(Whole):
    def forward(self, audio):
        return super().forward(audio) + torch.randn(audio.shape, device=audio.device)


def noisy() -> nn.Module:
    return Noisy().eval()


class FloatOnly(Whole):
    """Refuses meta and float64."""

    def forward(self, audio):
        if audio.is_meta or audio.dtype == torch.float64:
            raise TypeError("only float32 on a real device")
        return super().forward(audio)


def float_only() -> nn.Module:
    return FloatOnly().eval()


class OneAtATime(Whole):
    def forward(self, audio):
        if len(audio) > 1:
            raise ValueError("a batch of one, please")
        return super().forward(audio)


def one_at_a_time() -> nn.Module:
    return OneAtATime().eval()


class LongOnly(Whole):
    """Refuses clips under 50 hops."""

    def forward(self, audio):
        if audio.shape[2] < 50 * HOP:
            raise ValueError("too short")
        return super().forward(audio)


def long_only() -> nn.Module:
    return LongOnly().eval()


not_callable = 3
