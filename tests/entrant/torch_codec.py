"""The entrant in plain PyTorch, for whole clips."""

import torch
from torch import nn
from torch.nn import functional

WIDTHS = (12, 24, 36, 48)
STRIDES = (4, 6, 10)
LATENT = 16


class LeftPadded(nn.Conv1d):
    """A convolution with all of its padding on the left."""

    def forward(self, x):
        span = (self.kernel_size[0] - 1) * self.dilation[0] + 1
        return super().forward(functional.pad(x, (span - self.stride[0], 0)))


class CutTransposed(nn.Module):
    """A transposed convolution whose overlap at the end is cut off."""

    def __init__(self, before, after, stride):
        super().__init__()
        self.conv = nn.ConvTranspose1d(before, after, 2 * stride, stride)
        self.stride = stride

    def forward(self, x):
        return self.conv(x)[..., : x.shape[-1] * self.stride]


class Separable(nn.Module):
    """A depthwise and a pointwise convolution, each behind an ELU, added to their input."""

    def __init__(self, width, dilation):
        super().__init__()
        self.depthwise = LeftPadded(width, width, 5, dilation=dilation, groups=width)
        self.pointwise = nn.Conv1d(width, width, 1)

    def forward(self, x):
        return x + self.pointwise(functional.elu(self.depthwise(functional.elu(x))))


class Memory(nn.Module):
    """A GRU over the frames, added to its input."""

    def __init__(self, width):
        super().__init__()
        self.gru = nn.GRU(width, width)

    def forward(self, x):
        over_time, _ = self.gru(x.permute(2, 0, 1))
        return x + over_time.permute(1, 2, 0)


class PerFrame(nn.Linear):
    """A linear map of the channels of each frame."""

    def forward(self, x):
        return super().forward(x.mT).mT


def make_encoder():
    parts = [LeftPadded(1, WIDTHS[0], 7)]
    for before, after, stride in zip(WIDTHS[:-1], WIDTHS[1:], STRIDES, strict=True):
        parts += [Separable(before, 1), Separable(before, 3), nn.ELU()]
        parts += [LeftPadded(before, after, 2 * stride, stride)]
    return nn.Sequential(*parts, Memory(WIDTHS[-1]), PerFrame(WIDTHS[-1], LATENT))


def make_decoder():
    ahead_and_back = nn.Conv1d(LATENT, WIDTHS[-1], 3, padding=1)
    parts = [ahead_and_back, Memory(WIDTHS[-1])]
    backwards = WIDTHS[:0:-1], WIDTHS[-2::-1], STRIDES[::-1]
    for before, after, stride in zip(*backwards, strict=True):
        parts += [nn.ELU(), CutTransposed(before, after, stride)]
        parts += [Separable(after, 1), Separable(after, 3)]
    return nn.Sequential(*parts, nn.ELU(), LeftPadded(WIDTHS[0], 1, 7), nn.Tanh())


class Levels(nn.Module):
    """Six values a frame, each rounded to one of its levels, and all in one index."""

    levels = (8, 8, 8, 5, 5, 5)

    def __init__(self):
        super().__init__()
        self.down = PerFrame(LATENT, len(self.levels))
        self.up = PerFrame(len(self.levels), LATENT)
        counts = torch.tensor(self.levels)
        self.register_buffer("counts", counts[:, None])
        self.register_buffer("places", (counts.cumprod(0) // counts)[:, None])

    def encode(self, latent):
        unit = torch.sigmoid(self.down(latent))
        digits = (unit * (self.counts - 1)).round().long()
        return (digits * self.places).sum(1)

    def decode(self, codes):
        digits = (codes[:, None] // self.places % self.counts).to(self.up.weight)
        return self.up(2 * digits / (self.counts - 1) - 1)


class Groups(nn.Module):
    """Four parts of the latent, each with two residual codebooks."""

    codebook_size = 128

    def __init__(self, groups=4, layers=2):
        super().__init__()
        self.width = LATENT // groups
        books = torch.randn(groups, layers, self.codebook_size, self.width)
        self.books = nn.ParameterList(
            nn.ParameterList(book / 2**i for i, book in enumerate(group)) for group in books
        )

    def encode(self, latent):
        codes = []
        for part, books in zip(latent.split(self.width, 1), self.books, strict=True):
            rest = part.mT.contiguous()
            for book in books:
                nearest = torch.cdist(rest, book[None]).argmin(-1)
                rest = rest - book[nearest]
                codes.append(nearest)
        return torch.stack(codes, 1)

    def decode(self, codes):
        rows = iter(codes.unbind(1))
        parts = [sum(book[next(rows)] for book in books) for books in self.books]
        return torch.cat(parts, -1).mT


class Entrant(nn.Module):
    """The codec."""

    sample_rate = 24_000
    hop_length = 240

    def __init__(self, quantizer):
        super().__init__()
        self.encoder = make_encoder()
        self.quantizer = quantizer
        self.decoder = make_decoder()

    def encode(self, audio):
        return self.quantizer.encode(self.encoder(audio))

    def decode(self, codes):
        return self.decoder(self.quantizer.decode(codes))


def with_fsq():
    torch.manual_seed(0)
    codec = Entrant(Levels())
    with torch.no_grad():
        codec.quantizer.down.weight.mul_(50)  # so that random weights reach the outer levels
    return codec.eval()


def with_grouped_rvq():
    torch.manual_seed(0)
    return Entrant(Groups()).eval()
