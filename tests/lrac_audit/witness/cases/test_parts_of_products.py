"""Parts of one product that are added to each other are a sum over the axis they were cut along.

M products that are added up are M multiply-accumulates a step, also if the product was computed at
once and its parts are added one by one. Frames times a window, gates and norms are no such sums.
"""

import pytest
import torch

from tests.lrac_audit.witness.cases.counting import Learned, macs_per_step

C, M, K = 4, 6, 3
SHAPES = {"g": (C,), "h": (C,), "w": (M, C), "t": (C, K)}


def products(m, x):
    """``[1, M, C, T]``: every input channel times its weight for each output."""
    return x[:, None] * m.w[..., None]


def weighed(m, x):
    """``[1, C, T]``: a weight for each channel."""
    return x * m.g[:, None]


def tapped(m, x):
    """``[1, C, T, K]``: frames times the taps of their channel."""
    return x.unfold(-1, K, 1) * m.t[:, None]


def spread(m, x):
    """``[1, C, T]``: one channel to several."""
    return x[:, :1] * m.g[:, None]


SUMS = {
    "outputs, unbound": (M * C, lambda m, x: sum(products(m, x).unbind(2))),
    "outputs, split": (M * C, lambda m, x: sum(products(m, x).split(1, 2))),
    "outputs, in halves": (M * C, lambda m, x: sum(products(m, x).split(2, 2)).sum(2)),
    "channels, unbound": (C, lambda m, x: sum(weighed(m, x).unbind(1))),
    "channels, in chunks": (C, lambda m, x: sum(weighed(m, x).chunk(C, 1))),
    "taps, unbound": (C * K, lambda m, x: sum(tapped(m, x).unbind(-1))),
}


@pytest.mark.parametrize("form", SUMS)
def test_parts_added_one_by_one(form):
    expected, writing = SUMS[form]
    assert macs_per_step(Learned(**SHAPES), writing, C) == expected


def added_shifted(m, x):
    """Frames of 8 times a window, whose halves are added to those of the next frame."""
    frames = torch.tanh(x.unfold(-1, 8, 4)) * torch.hann_window(8)
    return frames[..., :4].flatten(2)[..., 4:] + frames[..., 4:].flatten(2)[..., :-4]


def without_mean(m, x):
    p = spread(m, x)
    return p - p.mean(1, keepdim=True)


def gated_by_itself(m, x):
    p = spread(m, x)
    return p + p * torch.sigmoid(p)


def gelu_of_products(m, x):
    p = spread(m, x)
    return 0.5 * p * (1 + torch.tanh(0.8 * (p + 0.0447 * p * p * p)))


def energy_of_products(m, x):
    p = weighed(m, x)
    return (p * p).sum(1)


def neighbours_in_time(m, x):
    p = weighed(m, x)
    return p[..., ::2] + p[..., 1::2]


NO_SUMS = {
    "windowed frames": added_shifted,
    "mean removed": without_mean,
    "gate of itself": gated_by_itself,
    "gelu by hand": gelu_of_products,
    "energy": energy_of_products,
    "neighbours in time": neighbours_in_time,
}


@pytest.mark.parametrize("form", NO_SUMS)
def test_what_is_no_sum_of_parts(form):
    assert macs_per_step(Learned(**SHAPES), NO_SUMS[form], C, hop=8) == 0
