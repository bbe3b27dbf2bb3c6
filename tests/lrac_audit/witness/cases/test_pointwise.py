"""Arithmetic value by value multiplies and accumulates nothing: gates, scales, masks, norms."""

import pytest
import torch
from torch.nn import functional

from tests.lrac_audit.witness.cases.counting import Learned, macs_per_step
from tests.sweeps import slow_in_sweep

WIDTH = 4
MASK = torch.tensor([1.0, 0.0, 1.0, 1.0])
DIGITS = torch.tensor([1.0, 3.0, 9.0, 27.0])
WINDOW = torch.hann_window(8)


def column(values):
    """A value for each channel of ``[1, C, T]``."""
    return values[:, None]


def other(x):
    return torch.tanh(x.flip(1))


def scaled_twice(m, x):
    x = x + column(m.g) * torch.tanh(x)
    return x + column(m.h) * torch.sin(x)


def scaled_by_one_tensor(m, x):
    for at in range(2):
        x = x + m.g[at] * torch.tanh(x)
    return x


def gated_unit(m, x):
    kept = torch.sigmoid(x.flip(1))
    return kept * x + (1 - kept) * other(x)


def angles(x):
    return torch.arange(x.shape[-1]).float()[:, None] * torch.arange(1, WIDTH // 2 + 1)


def rotated_halves(m, x):
    frames, cosines, sines = x.mT, torch.cos(angles(x)), torch.sin(angles(x))
    half = torch.cat([-frames[..., WIDTH // 2 :], frames[..., : WIDTH // 2]], -1)
    return frames * cosines.repeat(1, 2) + half * sines.repeat(1, 2)


def rotated_pairs(m, x):
    a, b = x.mT[..., ::2], x.mT[..., 1::2]
    cosines, sines = torch.cos(angles(x)), torch.sin(angles(x))
    return torch.stack([a * cosines - b * sines, a * sines + b * cosines], -1).flatten(-2)


def rotated_by_complex(m, x):
    pairs = torch.view_as_complex(x.mT.reshape(1, -1, WIDTH // 2, 2).contiguous())
    turned = pairs * torch.polar(torch.ones_like(angles(x)), angles(x))
    return torch.view_as_real(turned).flatten(2)


def windowed_frames(m, x):
    return torch.fft.rfft(x.unfold(-1, 8, 4) * WINDOW)


def overlapping_windows(m, x):
    y = torch.zeros_like(x)
    for start in range(0, x.shape[-1] - 7, 4):
        y[..., start : start + 8] += x[..., start : start + 8] * WINDOW
    return y


def modulated_hops(x):
    hops = x.unfold(-1, 8, 8)
    return hops * torch.sigmoid(hops.mean(-1, keepdim=True))


def crossfaded(m, x):
    falls, rises = WINDOW[4:], WINDOW[:4]
    parts = range(0, x.shape[-1] - 7, 4)
    return torch.cat([x[..., p : p + 4] * falls + x[..., p + 4 : p + 8] * rises for p in parts], -1)


def complex_by_hand(m, x):
    y = other(x)
    real = x[:, 0] * y[:, 0] - x[:, 1] * y[:, 1]
    return torch.stack([real, x[:, 0] * y[:, 1] + x[:, 1] * y[:, 0]])


def gates_of_one_tensor(m, x):
    gates, cell, cells = torch.sigmoid(other(x)), torch.zeros(1, 1), []
    for step in range(x.shape[-1]):
        new = torch.tanh(x[:, :1, step])
        cell = gates[:, :1, step] * cell + gates[:, 1:2, step] * new
        cells.append(cell)
    return torch.stack(cells, -1)


FORMS = {
    "crossfade": crossfaded,
    "product of complex numbers by hand": complex_by_hand,
    "gates of one tensor": gates_of_one_tensor,
    "branches with scales of their own": lambda m, x: (
        column(m.g) * torch.tanh(x) + column(m.h) * torch.sin(x)
    ),
    "stacked branches with scales of their own": lambda m, x: torch.stack(
        [column(m.g) * torch.tanh(x), column(m.h) * torch.sin(x)]
    ).sum(0),
    "windowed frames, stacked and summed": lambda m, x: torch.stack(
        [x[..., at : at + 8] * WINDOW for at in range(0, x.shape[-1] - 7, 4)]
    ).sum(0),
    "residual with a scale": lambda m, x: x + column(m.g) * torch.tanh(x),
    "residual with a scale by addcmul": lambda m, x: torch.addcmul(x, column(m.g), torch.tanh(x)),
    "two residuals with scales": scaled_twice,
    "residuals with scales of one tensor": scaled_by_one_tensor,
    "gate": lambda m, x: x * torch.sigmoid(other(x)),
    "gated unit": lambda m, x: functional.glu(x, 1),
    "gated recurrent mix": gated_unit,
    "interpolated by lerp": lambda m, x: torch.lerp(x, other(x), 0.3),
    "modulated": lambda m, x: x * (1 + column(m.g)) + column(m.h),
    "modulated, then pooled": lambda m, x: (x * column(m.g)).mean(-1),
    "modulated by copies, then pooled": lambda m, x: (x * column(m.g).repeat(1, x.shape[-1])).sum(
        -1
    ),
    "modulated by the signal, then pooled": lambda m, x: modulated_hops(x).mean(-1),
    "batch norm written out": lambda m, x: (x - column(m.h)) * column(m.g) + column(m.h),
    "layer norm written out": lambda m, x: (
        (x - x.mean(1, keepdim=True))
        / ((x - x.mean(1, keepdim=True)) ** 2).mean(1, keepdim=True).sqrt()
        * column(m.g)
    ),
    "root mean square written out": lambda m, x: (
        x * torch.rsqrt((x * x).mean(1, keepdim=True)) * column(m.g)
    ),
    "variance around constants": lambda m, x: ((x - column(m.g)) ** 2).mean(1),
    "sine squared": lambda m, x: x + torch.sin(x * column(m.g)).pow(2) / column(m.g),
    "sine squared by reciprocals": lambda m, x: (
        x + column(m.g).reciprocal() * torch.sin(x * column(m.g)).square()
    ),
    "swish, then pooled": lambda m, x: (x * torch.sigmoid(x)).mean(-1),
    "silu, then pooled": lambda m, x: functional.silu(x).mean(-1),
    "gelu written out, then pooled": lambda m, x: (0.5 * x * (1 + torch.erf(x / 2**0.5))).mean(-1),
    "energy": lambda m, x: (x * x).sum(1),
    "energy as a power": lambda m, x: x.pow(2).mean(1),
    "energy as a norm": lambda m, x: x.norm(dim=1),
    "energy of a difference": lambda m, x: ((x - other(x)) ** 2).sum(1),
    "loss": lambda m, x: functional.mse_loss(x, other(x), reduction="none").mean(1),
    "broadcast sum, then mean": lambda m, x: (x[:, :, None] + m.w[..., None]).mean(2),
    "broadcast difference, then mean": lambda m, x: (x[:, :, None] - m.w[..., None]).mean(2),
    "mean of two": lambda m, x: (x[:, :2] + x[:, 2:]) / 2,
    "first difference": lambda m, x: x[..., 1:] - x[..., :-1],
    "mask of zeros and ones": lambda m, x: (x * column(MASK)).sum(1),
    "mask of truths": lambda m, x: (x * column(MASK > 0)).sum(1),
    "mask of truths as numbers": lambda m, x: (x * column((torch.arange(WIDTH) < 3).float())).sum(
        1
    ),
    "mask of the signal": lambda m, x: (x * (other(x) > 0)).sum(1),
    "mask of the signal as numbers": lambda m, x: (x * (other(x) > 0).float()).sum(1),
    "masked by where": lambda m, x: torch.where(column(MASK > 0), x, 0.0).sum(1),
    "rotated halves": rotated_halves,
    "rotated pairs": rotated_pairs,
    "rotated by complex numbers": rotated_by_complex,
    "windowed frames": windowed_frames,
    "overlapping windows": overlapping_windows,
    "index of digits": lambda m, x: (x.round() * column(DIGITS)).sum(1).long(),
    "rounded index of digits": lambda m, x: (x.round() * column(DIGITS)).sum(1).round().int(),
    "index of whole digits": lambda m, x: (x.long() * column(DIGITS.long())).sum(1),
    "product of spectra": lambda m, x: torch.fft.irfft(
        torch.fft.rfft(x.unfold(-1, 8, 8)) * torch.fft.rfft(functional.pad(m.g, (0, 4)))
    ),
    "outer product": lambda m, x: x[:, None] * column(m.g)[:, None],
}


@pytest.mark.parametrize("form", slow_in_sweep(FORMS, "crossfade", "gates of one tensor"))
def test_nothing_is_accumulated(form):
    learned = Learned(g=(WIDTH,), h=(WIDTH,), w=(WIDTH, 3))
    assert macs_per_step(learned, FORMS[form], WIDTH, hop=8) == 0


WEIGHED = {
    "one-hot vectors times a table": lambda m, x: (
        (x.argmax(1)[..., None] == torch.arange(WIDTH)).float() @ m.w
    ),
    "one-hot vectors times a table, then a sum": lambda m, x: (
        (x.argmax(1)[..., None] == torch.arange(WIDTH)).float()[..., None] * m.w
    ).sum(2),
    "spectrum weighed": lambda m, x: (x.square()[:, :, None] * m.w[..., None]).sum(1),
}


@pytest.mark.parametrize("form", WEIGHED)
def test_what_looks_alike_and_is_a_product(form):
    # Vectors of WIDTH values meet a table of 3 columns.
    assert macs_per_step(Learned(w=(WIDTH, 3)), WEIGHED[form], WIDTH) == 3 * WIDTH
