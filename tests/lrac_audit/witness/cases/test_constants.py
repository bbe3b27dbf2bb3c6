"""What depends on constants and weights alone is paid once, however often the code computes it."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations, parametrize

from tests.lrac_audit.witness.cases.counting import Learned, crossed, macs_per_step
from tests.sweeps import slow_in_sweep

WIDTH_IN, WIDTH_OUT = 4, 6


def by_frames(layer, x):
    """A module that is called once a frame."""
    return torch.stack([layer(frame) for frame in x.unbind(-1)], -1)


class OfTwo(nn.Module):
    """A parametrisation by a product of two matrices."""

    def __init__(self):
        super().__init__()
        self.other = nn.Parameter(torch.randn(WIDTH_IN, WIDTH_IN))

    def forward(self, weight):
        return weight @ self.other


class OfFactors(nn.Module):
    """A linear map whose weight is put together at every call."""

    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.randn(WIDTH_OUT, 2))
        self.second = nn.Parameter(torch.randn(2, WIDTH_IN))

    def forward(self, x):
        return functional.linear(x, self.first @ self.second)


class OfBasis(OfFactors):
    """The same with a product that is written as a sum."""

    def forward(self, x):
        return functional.linear(x, (self.first[..., None] * self.second).sum(1))


def parametrised():
    layer = nn.Linear(WIDTH_IN, WIDTH_OUT)
    parametrize.register_parametrization(layer, "weight", OfTwo())
    return layer


LAYERS = {
    "plain": lambda: nn.Linear(WIDTH_IN, WIDTH_OUT),
    "weight norm": lambda: parametrizations.weight_norm(nn.Linear(WIDTH_IN, WIDTH_OUT)),
    "spectral norm": lambda: parametrizations.spectral_norm(nn.Linear(WIDTH_IN, WIDTH_OUT)).eval(),
    "parametrised": parametrised,
    "product of factors": OfFactors,
    "sum over factors": OfBasis,
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("call", ["once", "by frames"])
def test_weights_are_computed_once(call, layer):
    root = LAYERS[layer]()

    def run(_, x):
        return root(x.mT) if call == "once" else by_frames(root, x)

    assert macs_per_step(root, run, WIDTH_IN) == WIDTH_IN * WIDTH_OUT


def positions(x):
    """Of every step of the clip: ``[T, WIDTH_IN]``."""
    return torch.arange(x.shape[-1]).float()[:, None] / torch.arange(1, WIDTH_IN + 1)


ADDED = {
    "nothing": lambda m, x: 0,
    "positions": lambda m, x: functional.linear(positions(x), m.p),
    "sines of positions": lambda m, x: functional.linear(torch.sin(positions(x)), m.p),
    "positions as a product": lambda m, x: positions(x) @ m.p.t(),
    "positions, then a sum": lambda m, x: (positions(x)[:, None] * m.p).sum(-1),
    "positions frame by frame": lambda m, x: torch.stack(
        [functional.linear(frame, m.p) for frame in positions(x)]
    ),
    "positions counted up": lambda m, x: functional.linear(
        torch.ones_like(x[0]).cumsum(-1).t(), m.p
    ),
    "embedded positions": lambda m, x: functional.linear(
        functional.embedding(torch.arange(x.shape[-1]) % len(m.w), m.w), m.p
    ),
    "zeros": lambda m, x: functional.linear(torch.zeros_like(x).mT, m.p),
    "zeros of the kind": lambda m, x: functional.linear(x.new_zeros(x.shape[-1], WIDTH_IN), m.p),
    "convolved positions": lambda m, x: (
        functional.conv1d(positions(x).t()[None], m.p[..., None]).mT
    ),
    "written into a table": lambda m, x: _table(x) @ m.p.t(),
}


def _table(x):
    table = torch.zeros(x.shape[-1], WIDTH_IN)
    table[:, 0] = torch.arange(x.shape[-1]).float()
    return table


@pytest.mark.parametrize(
    ("added", "width"),
    slow_in_sweep(
        crossed(ADDED, [(WIDTH_OUT,), (5,)]),
        ("positions frame by frame", 5),
        ("positions frame by frame", WIDTH_OUT),
    ),
)
def test_constants_as_long_as_the_clip_cost_nothing(added, width):
    learned = Learned(w=(width, WIDTH_IN), p=(width, WIDTH_IN))

    def run(m, x):
        return functional.linear(x.mT, m.w) + ADDED[added](m, x)

    assert macs_per_step(learned, run, WIDTH_IN) == WIDTH_IN * width


FROM_THE_SIGNAL = {
    "signal and positions": lambda m, x: functional.linear(x.mT + positions(x), m.w),
    "positions scaled by the signal": lambda m, x: functional.linear(
        positions(x) * x.mean(1)[0, :, None], m.w
    ),
    "written over positions": lambda m, x: functional.linear(_overwritten(x), m.w),
}


def _overwritten(x):
    table = positions(x).clone()
    table[:, 0] = x[0, 0]
    return table


@pytest.mark.parametrize("form", FROM_THE_SIGNAL)
def test_what_the_signal_is_in_is_paid_for(form):
    learned = Learned(w=(WIDTH_OUT, WIDTH_IN))
    assert macs_per_step(learned, FROM_THE_SIGNAL[form], WIDTH_IN) == WIDTH_IN * WIDTH_OUT
