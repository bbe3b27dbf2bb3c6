"""A complex product that is summed is 4 real multiply-accumulates, 2 with a real factor.

``(a + bi)(c + di) = (ac - bd) + (ad + bc)i``. A convolution is what torch makes of it, three real
ones: ``ac``, ``bd`` and ``(a + b)(c + d)``.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.lrac_audit.witness.cases.counting import Learned, crossed, macs_per_step


def complex_of(x):
    return torch.complex(x, x)


def by_real_parts(m, x):
    z, w = complex_of(x).mT, complex_of(m.w)
    real = functional.linear(z.real, w.real) - functional.linear(z.imag, w.imag)
    imaginary = functional.linear(z.real, w.imag) + functional.linear(z.imag, w.real)
    return torch.complex(real, imaginary)


def by_loop(m, x):
    z, w = complex_of(x), complex_of(m.w)
    return sum(w[:, at, None] * z[:, at : at + 1] for at in range(x.shape[1]))


MAPS = {
    "linear": lambda m, x: functional.linear(complex_of(x).mT, complex_of(m.w)),
    "matmul": lambda m, x: complex_of(m.w) @ complex_of(x),
    "einsum": lambda m, x: torch.einsum("bct,oc->bot", complex_of(x), complex_of(m.w)),
    "bmm": lambda m, x: torch.bmm(complex_of(m.w)[None], complex_of(x)),
    "mm": lambda m, x: torch.mm(complex_of(m.w), complex_of(x)[0]),
    "tensordot": lambda m, x: torch.tensordot(complex_of(m.w), complex_of(x), dims=([1], [1])),
    "product, then sum": lambda m, x: (complex_of(m.w)[..., None] * complex_of(x)[:, None]).sum(2),
    "loop": by_loop,
    "by its real parts": by_real_parts,
    "with the conjugate": lambda m, x: complex_of(m.w).conj() @ complex_of(x),
    "real part of the sum": lambda m, x: (
        complex_of(m.w)[..., None] * complex_of(x)[:, None]
    ).real.sum(2),
}


@pytest.mark.parametrize(("writing", "width_in", "width_out"), crossed(MAPS, [(4, 6), (3, 2)]))
def test_linear_map_of_complex_numbers(writing, width_in, width_out):
    learned = Learned(w=(width_out, width_in))
    assert macs_per_step(learned, MAPS[writing], width_in) == 4 * width_in * width_out


DOTS = {
    "vdot": lambda m, x: torch.stack(
        [torch.vdot(complex_of(m.w), z) for z in complex_of(x)[0].t()]
    ),
    "dot": lambda m, x: torch.stack([torch.dot(complex_of(m.w), z) for z in complex_of(x)[0].t()]),
    "vecdot": lambda m, x: torch.linalg.vecdot(complex_of(m.w), complex_of(x).mT),
    "mv": lambda m, x: torch.mv(complex_of(x)[0].t(), complex_of(m.w)),
    "product, then sum": lambda m, x: (complex_of(x) * complex_of(m.w)[:, None]).sum(1),
    "product with the conjugate": lambda m, x: (
        complex_of(x) * complex_of(m.w).conj()[:, None]
    ).sum(1),
}


@pytest.mark.parametrize(("writing", "width"), crossed(DOTS, [(4,), (5,)]))
def test_dot_product_of_complex_numbers(writing, width):
    assert macs_per_step(Learned(w=(width,)), DOTS[writing], width) == 4 * width


HALF_REAL = {
    "real signal": lambda m, x: (complex_of(m.w)[..., None] * x[:, None]).sum(2),
    "real weights": lambda m, x: (m.w[..., None] * complex_of(x)[:, None]).sum(2),
    "two real products": lambda m, x: torch.complex(m.w @ x, (m.w + 1) @ x),
}


@pytest.mark.parametrize(("writing", "width"), crossed(HALF_REAL, [(4,), (3,)]))
def test_real_times_complex(writing, width):
    learned = Learned(w=(2, width))
    assert macs_per_step(learned, HALF_REAL[writing], width) == 2 * width * 2


def three_convolutions(m, x):
    """Real and imaginary part of the signal and of the taps are the same here."""
    straight, crossed_, both = (
        functional.conv1d(x * scale, m.w * scale) for scale in (1.0, 2.0, 3.0)
    )
    return torch.complex(straight - crossed_, both - straight - crossed_)


CONVOLUTIONS = {
    "complex": lambda m, x: functional.conv1d(complex_of(x), complex_of(m.w)),
    "three real ones": three_convolutions,
}


@pytest.mark.parametrize(("writing", "kernel"), crossed(CONVOLUTIONS, [(3,), (5,)]))
def test_convolution_of_complex_numbers(writing, kernel):
    learned = Learned(w=(2, 4, kernel))
    assert macs_per_step(learned, CONVOLUTIONS[writing], 4) == 3 * 2 * 4 * kernel


NO_SUMS = {
    "rotated": lambda x: complex_of(x) * torch.polar(torch.ones(4, 1), torch.ones(4, 1)),
    "magnitude": lambda x: complex_of(x).abs(),
    "energy": lambda x: (complex_of(x) * complex_of(x).conj()).sum(1).real,
    "power": lambda x: complex_of(x).abs().square().sum(1),
}


@pytest.mark.parametrize("form", NO_SUMS)
def test_complex_values_one_by_one(form):
    assert macs_per_step(nn.Identity(), lambda _, x: NO_SUMS[form](x), 4) == 0
